import { displayRef, type KubeObject } from '../../core/kube-object.js'
import { type OwnedObject, settle } from '../../core/ownership/journal-state.js'
import { sameJson } from '../../core/ownership/json.js'
import { fieldManager } from '../../core/ownership/marks.js'
import { restoreObject } from '../../core/ownership/restore-object.js'
import type { Problem } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { Cluster } from '../../ports/cluster.js'

export interface Restored {
  readonly fields: readonly string[]
  readonly left: readonly string[]
}

type Adopted = Extract<OwnedObject, { origin: 'adopted' }>

/** How often an object that changes under our hands is read again. */
const maxAttempts = 8

/**
 * Puts an adopted object back: first the values, then who owns them. Both writes are guarded by the version that was read, so nobody's change in
 * between is lost. Undefined where the object is gone or another one has its name.
 */
export async function restoreAdopted(
  cluster: Cluster,
  owned: Adopted,
  signal: AbortSignal,
): Promise<Result<Restored | undefined>> {
  let first: Restored | undefined
  for (let attempt = 1; ; attempt++) {
    const read = await cluster.get(owned.ref, signal)
    if (!read.ok) return read
    const live = read.value
    if (live === undefined || live.metadata.uid !== owned.uid) return ok(undefined)
    const { changes } = owned.writing === undefined ? owned : settle(owned, live)
    const restoration = restoreObject({ live, snapshot: owned.snapshot, changes, manager: fieldManager })
    // A second round sees the values put back already; what to report is what the first one found.
    first ??= { fields: restoration.restored, left: restoration.left }
    const value = restoration.changed ? await cluster.replace(restoration.object, fieldManager) : ok(live)
    if (!value.ok) {
      if (attempt < maxAttempts && isMoved(value.error)) continue
      return err(value.error)
    }
    const owners = withManagedFields(value.value, restoration.managedFields)
    if (sameJson(owners, value.value)) return ok(first)
    const released = await cluster.replace(owners, fieldManager)
    if (released.ok) return ok(first)
    if (attempt === maxAttempts || !isMoved(released.error)) return err(released.error)
  }
}

/** An empty list would mean "as they are" to the API server; a list with one empty entry means none. */
function withManagedFields(
  object: KubeObject,
  entries: NonNullable<KubeObject['metadata']['managedFields']>,
): KubeObject {
  return {
    ...object,
    metadata: { ...object.metadata, managedFields: entries.length === 0 ? [{}] : entries },
  }
}

function isMoved(problem: Problem): boolean {
  return problem.kind === 'apply-conflict' || (problem.kind === 'apply-rejected' && problem.status === 409)
}

/** For the report of what could not be restored. */
export function restoreFailed(owned: Adopted, problem: Problem): Problem {
  const message = 'message' in problem ? problem.message : problem.kind
  return {
    kind: 'delete-failed',
    object: displayRef(owned.ref),
    message: `could not be put back: ${message}`,
  }
}
