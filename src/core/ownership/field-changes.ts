import type { KubeObject } from '../kube-object.js'
import type { FieldPath } from './field-path.js'
import { sameJson } from './json.js'
import { leavesOf } from './leaves.js'
import { listKeys, ownersOf, pathKey } from './managed-fields.js'
import { restartManager } from './marks.js'

/** What one smallest value was before devloop wrote, and after. An absent side was not there. */
export interface FieldChange {
  readonly path: FieldPath
  readonly before?: unknown
  readonly after?: unknown
}

/** Everything that differs between two states of one object, what the API server defaulted or dropped on its own included. */
export function diffObjects(before: KubeObject, after: KubeObject): readonly FieldChange[] {
  const keys = listKeys([before, after])
  const old = leavesOf(before, keys)
  const now = leavesOf(after, keys)
  const changes: FieldChange[] = []
  for (const [key, leaf] of old) {
    const other = now.get(key)
    if (other === undefined) changes.push({ path: leaf.path, before: leaf.value })
    else if (!sameJson(leaf.value, other.value))
      changes.push({ path: leaf.path, before: leaf.value, after: other.value })
  }
  for (const [key, leaf] of now) if (!old.has(key)) changes.push({ path: leaf.path, after: leaf.value })
  return changes
}

/**
 * Adds the changes of a later write to those of earlier ones. Where somebody else had written in between, their value is the one to go back
 * to; where the value is what it was before us again, nothing is left to put back.
 */
export function mergeChanges(
  earlier: readonly FieldChange[],
  later: readonly FieldChange[],
): readonly FieldChange[] {
  const merged = new Map(earlier.map(change => [pathKey(change.path), change]))
  for (const change of later) {
    const key = pathKey(change.path)
    const first = merged.get(key)
    const start = first !== undefined && sameJson(first.after, change.before) ? first.before : change.before
    if (sameJson(start, change.after)) merged.delete(key)
    else
      merged.set(key, {
        path: change.path,
        ...(start === undefined ? {} : { before: start }),
        ...(change.after === undefined ? {} : { after: change.after }),
      })
  }
  return [...merged.values()]
}

/**
 * What a write of ours changed whose answer never reached the journal, from the object as it was sent to and as it is now. Others may have
 * written since, so what another manager holds now, or what was taken away of theirs, does not count as ours.
 */
export function changesOfLostWrite(
  before: KubeObject,
  live: KubeObject,
  manager: string,
): readonly FieldChange[] {
  const ownersBefore = ownersOf(before)
  const ownersNow = ownersOf(live)
  const foreign = (owners: typeof ownersNow, path: FieldPath) =>
    owners
      .get(pathKey(path))
      ?.every(entry => entry.manager !== manager && entry.manager !== restartManager) ?? false
  return diffObjects(before, live).filter(change =>
    change.after === undefined ? !foreign(ownersBefore, change.path) : !foreign(ownersNow, change.path),
  )
}
