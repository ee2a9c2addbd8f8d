import { type ObjectRef, refOf } from '../../core/kube-object.js'
import type { OwnedObject } from '../../core/ownership/journal-state.js'
import { isMap } from '../../core/ownership/json.js'
import { ok, type Result } from '../../core/result.js'
import type { Clock } from '../../ports/clock.js'
import type { Cluster } from '../../ports/cluster.js'
import { listRevisions } from './dependents.js'

interface Tools {
  readonly cluster: Cluster
  readonly clock: Clock
}

/** Between two looks at something that only the cluster's own controllers can bring about, and how many looks. 30 s in all. */
const lookEvery = 500
const looks = 60

/** Looks until the question is answered with yes, the looks are used up, or `signal` aborts; false then. */
async function seen(clock: Clock, signal: AbortSignal, question: () => Promise<boolean>): Promise<boolean> {
  for (let look = 0; look < looks && !signal.aborted; look++) {
    if (await question()) return true
    await new Promise<void>(resolve => void clock.after(lookEvery, resolve))
  }
  return false
}

/** The volume behind a claim where it goes with the claim; undefined for any other object. */
export async function volumeOf(
  cluster: Cluster,
  ref: ObjectRef,
  uid: string,
  signal: AbortSignal,
): Promise<Result<ObjectRef | undefined>> {
  if (ref.kind !== 'PersistentVolumeClaim' || ref.apiVersion !== 'v1') return ok(undefined)
  const read = await cluster.get(ref, signal)
  if (!read.ok) return read
  const spec = read.value?.metadata.uid === uid ? read.value?.spec : undefined
  if (!isMap(spec) || typeof spec.volumeName !== 'string' || spec.volumeName === '') return ok(undefined)
  const volume = { apiVersion: 'v1', kind: 'PersistentVolume', name: spec.volumeName }
  const found = await cluster.get(volume, signal)
  if (!found.ok) return found
  const dynamic = found.value?.metadata.annotations?.['pv.kubernetes.io/provisioned-by'] !== undefined
  return ok(dynamic ? volume : undefined)
}

/** Whether the provisioner has taken the volume away, after as long as that may take. */
export function volumeGone(
  { cluster, clock }: Tools,
  volume: ObjectRef,
  signal: AbortSignal,
): Promise<boolean> {
  return seen(clock, signal, async () => {
    const read = await cluster.get(volume, signal)
    return read.ok && read.value === undefined
  })
}

/**
 * Deletes the ReplicaSets and ControllerRevisions that came with devloop's templates, once the restored workload no longer runs them. Where
 * the older template does not come up they stay: the workload's own history limit takes them in time.
 */
export async function clearRevisions(
  { cluster, clock }: Tools,
  { snapshot, revisions }: Extract<OwnedObject, { origin: 'adopted' }>,
  signal: AbortSignal,
): Promise<Result<void>> {
  const unused = new Map<string, ObjectRef>()
  const settled = await seen(clock, signal, async () => {
    const [listed, read] = await Promise.all([
      listRevisions(cluster, snapshot),
      cluster.get(refOf(snapshot), signal),
    ])
    if (!listed.ok || !read.ok) return false
    const status = isMap(read.value?.status) ? read.value.status : {}
    const current = [status.currentRevision, status.updateRevision]
    const behind = Number(status.observedGeneration ?? 0) < (read.value?.metadata.generation ?? 0)
    const later = listed.value.filter(({ metadata }) => !revisions.includes(metadata.uid ?? ''))
    unused.clear()
    for (const object of later) {
      const { uid = '' } = object.metadata
      // A template that somebody set in the meantime is in use, and theirs.
      const replicas = isMap(object.spec) ? object.spec.replicas : undefined
      const idle =
        snapshot.kind === 'Deployment'
          ? replicas === 0 && isMap(object.status) && (object.status.replicas ?? 0) === 0
          : !current.includes(object.metadata.name)
      const kind = snapshot.kind === 'Deployment' ? 'ReplicaSet' : 'ControllerRevision'
      if (idle) unused.set(uid, refOf({ ...object, apiVersion: 'apps/v1', kind }))
    }
    return !behind && unused.size === later.length
  })
  // A DaemonSet's status does not name its revision, so one that is in use could not be told.
  if (!settled || snapshot.kind === 'DaemonSet') return ok(undefined)
  for (const [uid, ref] of unused) {
    const deleted = await cluster.delete(ref, { uid, propagation: 'Background', signal, wait: true })
    if (!deleted.ok) return deleted
  }
  return ok(undefined)
}
