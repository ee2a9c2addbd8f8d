import type { KubeObject } from '../kube-object.js'
import { type FieldPath, formatFieldPath, getAtPath, parseFieldPath, removeAtPath } from './field-path.js'
import { isMap, sameJson } from './json.js'
import { ownersOf, pathKey } from './managed-fields.js'

export interface ConflictInput {
  /** What the manifest says now; the values of a Secret as the journal holds them. */
  readonly desired: KubeObject
  readonly live: KubeObject
  /** What was applied last, in the same form as `desired`; undefined before devloop's first write. */
  readonly applied: { readonly object: KubeObject; readonly left: readonly string[] } | undefined
  readonly conflicts: readonly { readonly manager: string; readonly field: string }[]
  /** Whether the object was there before devloop. */
  readonly adopted: boolean
  /** A person asked for the manifest as it is: what was changed by hand is taken back. */
  readonly takeBack?: boolean
  /** A person asked that it run no pods: whoever scales it has to wait. */
  readonly scaledToZero?: boolean
}

export interface ConflictResolution {
  /** Fields that somebody else keeps: to be left out of the apply. */
  readonly left: readonly FieldPath[]
  /** Whether fields are taken from their owners. */
  readonly force: boolean
  /** For people, one for each field; what was said before is not said again. */
  readonly notices: readonly string[]
}

/**
 * Decides each field that another manager holds with another value. Who scales keeps the number of replicas. A change by hand stays as long
 * as the manifest says what it said; a manifest that changed wins. Images are always the loop's. Undefined where a path cannot be read.
 */
export function resolveConflicts(input: ConflictInput): ConflictResolution | undefined {
  const owners = ownersOf(input.live)
  const left: FieldPath[] = []
  const notices: string[] = []
  let force = false
  for (const conflict of input.conflicts) {
    const path = parseFieldPath(conflict.field, input.desired)
    if (path === undefined || getAtPath(input.desired, path) === undefined) return undefined
    const field = formatFieldPath(path)
    const manager = conflict.manager.replace(/"? with subresource .*$/s, '')
    const scaled =
      /with subresource "?scale/.test(conflict.manager) ||
      (owners.get(pathKey(path)) ?? []).some(entry => entry.subresource === 'scale')
    if (keeps({ ...input, path, scaled, manager })) {
      left.push(path)
      if (input.applied?.left.includes(field) !== true)
        notices.push(
          scaled
            ? `${field} is left to ${manager}, which scales this workload`
            : `${field} was changed by ${manager} and stays so until the manifest changes it`,
        )
      continue
    }
    force = true
    notices.push(
      input.adopted
        ? `${field} was taken from ${manager}; "devloop down" puts its value back`
        : `${field} was taken back from ${manager}, for the manifest sets it`,
    )
  }
  return { left, force, notices }
}

function keeps({
  path,
  scaled,
  manager,
  desired,
  applied,
  takeBack,
  scaledToZero,
}: ConflictInput & {
  readonly path: FieldPath
  readonly scaled: boolean
  readonly manager: string
}): boolean {
  const changed =
    applied !== undefined && !sameJson(getAtPath(applied.object, path), getAtPath(desired, path))
  // An autoscaler cannot be argued with; a number that a person set by hand gives way to a new number in the manifest.
  if (scaledToZero === true && formatFieldPath(path) === '.spec.replicas') return false
  if (scaled) return !((changed || takeBack === true) && manager.startsWith('kubectl'))
  if (takeBack === true || isAlwaysOurs(path)) return false
  return applied !== undefined && !changed
}

/** The images of containers, and devloop's own annotations. */
function isAlwaysOurs(path: FieldPath): boolean {
  const [list, item, last] = path.slice(-3)
  if (last === undefined || !('field' in last)) return false
  if (item !== undefined && 'field' in item && item.field === 'annotations')
    return last.field.startsWith('devloop.dev/')
  return (
    last.field === 'image' &&
    item !== undefined &&
    'key' in item &&
    list !== undefined &&
    'field' in list &&
    /^(initC|c)ontainers$/.test(list.field)
  )
}

export function withoutFields(object: KubeObject, paths: readonly FieldPath[]): KubeObject {
  return paths.reduce((next, path) => removeAtPath(next, path), object)
}

/**
 * Replicas that the manifest no longer sets, and that nobody but `manager` owns, would fall back to 1. Until an autoscaler has
 * taken them over, the number is carried on as it is. But for 0, from which no autoscaler goes on: it came of a manifest, or of a wish to run no pods,
 * that is no more.
 */
export function carryReplicas(desired: KubeObject, live: KubeObject, manager: string): KubeObject {
  if (!['Deployment', 'StatefulSet', 'ReplicaSet'].includes(desired.kind)) return desired
  const wanted = isMap(desired.spec) ? desired.spec : {}
  const current = isMap(live.spec) ? live.spec.replicas : undefined
  if (wanted.replicas !== undefined || current === undefined || current === 0) return desired
  const owners = ownersOf(live).get(pathKey([{ field: 'spec' }, { field: 'replicas' }])) ?? []
  const solely = owners.length > 0 && owners.every(entry => entry.manager === manager)
  return solely ? { ...desired, spec: { ...wanted, replicas: current } } : desired
}
