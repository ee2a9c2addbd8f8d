import type { KubeObject, ManagedFieldsEntry } from '../kube-object.js'
import type { FieldPath, PathStep } from './field-path.js'
import { canonicalJson, isMap } from './json.js'

/** A path as fieldsV1 writes it: `f:spec`, `k:{"name":"tour"}`, and last `.` where the map or item itself is meant. */
export type RawPath = readonly string[]

/** Every field that an entry owns, one path for each. */
export function ownedPaths(fields: Readonly<Record<string, unknown>> | undefined): readonly RawPath[] {
  if (fields === undefined) return []
  return Object.entries(fields).flatMap(([name, below]): readonly RawPath[] => {
    if (!isMap(below) || Object.keys(below).length === 0) return [[name]]
    return ownedPaths(below).map(path => [name, ...path])
  })
}

/** The reverse of ownedPaths. */
export function fieldsOf(paths: readonly RawPath[]): Readonly<Record<string, unknown>> {
  const below = new Map<string, RawPath[]>()
  for (const [first, ...rest] of paths) {
    if (first === undefined) continue
    const list = below.get(first) ?? []
    if (rest.length > 0) list.push(rest)
    below.set(first, list)
  }
  return Object.fromEntries([...below].map(([name, rest]) => [name, fieldsOf(rest)]))
}

/** Undefined for a path that names no value. The last `.` is dropped. */
export function toFieldPath(raw: RawPath): FieldPath | undefined {
  const steps: PathStep[] = []
  for (const part of raw) {
    if (part === '.') continue
    const rest = part.slice(2)
    if (part.startsWith('f:')) steps.push({ field: rest })
    else if (part.startsWith('i:')) steps.push({ index: Number(rest) })
    else if (part.startsWith('k:')) steps.push({ key: JSON.parse(rest) })
    else if (part.startsWith('v:')) steps.push({ value: JSON.parse(rest) })
    else return undefined
  }
  return steps
}

/** Text that is the same for the same path, whichever order its keys came in. */
export function pathKey(path: FieldPath): string {
  return canonicalJson(path)
}

/** The field keys of a keyed list: of `k:{"containerPort":80,"protocol":"TCP"}` these two names. */
export type ListKeys = ReadonlyMap<string, readonly string[]>

/** The place of a list in its kind, without saying which items lead to it: `spec/template/spec/containers/[]/ports`. */
export function schemaPlace(path: FieldPath): string {
  return path.map(step => ('field' in step ? step.field : '[]')).join('/')
}

/**
 * Which lists of these objects are keyed, and by what. The API server says so in the managed fields; that spares us every kind's schema,
 * custom ones too. A list that nobody owns an item of counts as one value.
 */
export function listKeys(objects: readonly KubeObject[], more: readonly FieldPath[] = []): ListKeys {
  const found = new Map<string, readonly string[]>()
  const note = (path: FieldPath) => {
    path.forEach((step, index) => {
      if ('key' in step) found.set(schemaPlace(path.slice(0, index)), Object.keys(step.key).sort())
    })
  }
  for (const object of objects)
    for (const entry of object.metadata.managedFields ?? [])
      for (const raw of ownedPaths(entry.fieldsV1)) note(toFieldPath(raw) ?? [])
  for (const path of more) note(path)
  return found
}

/** Who owns what of an object: for each path's key the managers; controllers that write through the status too, for they set annotations that way. */
export function ownersOf(object: KubeObject): ReadonlyMap<string, readonly ManagedFieldsEntry[]> {
  const owners = new Map<string, ManagedFieldsEntry[]>()
  for (const entry of object.metadata.managedFields ?? []) {
    for (const raw of ownedPaths(entry.fieldsV1)) {
      const path = toFieldPath(raw)
      if (path === undefined) continue
      const key = pathKey(path)
      owners.set(key, [...(owners.get(key) ?? []), entry])
    }
  }
  return owners
}
