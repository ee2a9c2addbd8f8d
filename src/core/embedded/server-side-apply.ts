import { isDeepStrictEqual } from 'node:util'
import type { KubeObject, ManagedFieldsEntry } from '../kube-object.js'
import { isFields } from '../manifest/fields.js'
import { err, ok, type Result } from '../result.js'

/** The smallest values that one manager set, by the JSON of their path. */
export type OwnFields = ReadonlyMap<string, unknown>

/** Who set what of an object. */
export type Managers = ReadonlyMap<string, OwnFields>

export interface FieldConflict {
  readonly manager: string
  readonly field: string
}

/** What the API server sets in the metadata, and nobody applies. */
const SERVER_METADATA: readonly string[] = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'managedFields',
]

/**
 * Server-side apply: the manager's fields become those of `object`; what only it had set before and no longer does goes. Maps merge, and belong value by value
 * to who set them; a list is one value. Fails with the values that other managers hold otherwise, unless `force` takes them.
 */
export function applyFields(
  managers: Managers,
  object: KubeObject,
  { fieldManager, force }: { readonly fieldManager: string; readonly force: boolean },
): Result<Managers, readonly FieldConflict[]> {
  const fields = leavesOf(object)
  const others = [...managers].filter(([manager]) => manager !== fieldManager)
  const conflicts = others.flatMap(([manager, theirs]) =>
    [...fields]
      .filter(([path, value]) => theirs.has(path) && !isDeepStrictEqual(theirs.get(path), value))
      .map(([path]) => ({ manager, field: fieldText(path) })),
  )
  if (conflicts.length > 0 && !force) return err(conflicts)
  const kept = others.map(([manager, theirs]): [string, OwnFields] => [
    manager,
    new Map(
      [...theirs].filter(([path, value]) => !fields.has(path) || isDeepStrictEqual(fields.get(path), value)),
    ),
  ])
  return ok(new Map([...kept, [fieldManager, fields]]))
}

/** The object that all the managers' fields make. */
export function objectOf(managers: Managers): KubeObject {
  const root: Record<string, unknown> = {}
  for (const fields of managers.values()) {
    for (const [path, value] of fields) {
      const names = JSON.parse(path) as readonly string[]
      let node = root
      for (const name of names.slice(0, -1)) {
        const below = node[name]
        const next: Record<string, unknown> = isFields(below) ? { ...below } : {}
        node[name] = next
        node = next
      }
      const last = names.at(-1) ?? ''
      // An empty map that another manager has filled.
      if (isFields(value) && isFields(node[last])) continue
      node[last] = value
    }
  }
  return root as unknown as KubeObject
}

/** What the API server says of who owns what. */
export function managedFieldsOf(managers: Managers, apiVersion: string): readonly ManagedFieldsEntry[] {
  return [...managers].map(([manager, fields]) => ({
    manager,
    operation: 'Apply',
    apiVersion,
    fieldsV1: fieldsV1(fields),
  }))
}

function fieldsV1(fields: OwnFields): Readonly<Record<string, unknown>> {
  const root: Record<string, unknown> = {}
  for (const path of fields.keys()) {
    const names = JSON.parse(path) as readonly string[]
    if (names[0] === 'apiVersion' || names[0] === 'kind') continue
    let node = root
    for (const name of names) {
      const key = `f:${name}`
      const below = node[key]
      const next: Record<string, unknown> = isFields(below) ? below : {}
      node[key] = next
      node = next
    }
  }
  return root
}

function leavesOf(object: KubeObject): OwnFields {
  const leaves = new Map<string, unknown>()
  const visit = (value: unknown, path: readonly string[]): void => {
    if (value === undefined || value === null) return
    if (isFields(value) && Object.keys(value).length > 0) {
      for (const [name, child] of Object.entries(value)) {
        const isServers = path.length === 1 && path[0] === 'metadata' && SERVER_METADATA.includes(name)
        if (!isServers) visit(child, [...path, name])
      }
      return
    }
    leaves.set(JSON.stringify(path), value)
  }
  const { status: _, ...rest } = object
  visit(rest, [])
  return leaves
}

function fieldText(path: string): string {
  return `.${(JSON.parse(path) as readonly string[]).join('.')}`
}
