import { displayRef, type ObjectRef, refOf } from '../core/kube-object.js'
import { downWave } from '../core/ownership/down-order.js'
import type { OwnedObject } from '../core/ownership/journal-state.js'
import { tokenOf } from '../core/ownership/marks.js'
import { cancelled, type Problem } from '../core/problem.js'
import { err, ok, type Result } from '../core/result.js'
import type { Clock } from '../ports/clock.js'
import type { Cluster } from '../ports/cluster.js'
import type { Journal } from '../ports/journal.js'
import { foreignCustomResources, foreignInNamespace } from './ownership/contents.js'
import { restoreAdopted, restoreFailed } from './ownership/restore.js'
import { holdersOf, tellWhenSlow } from './ownership/slow-to-go.js'
import { clearRevisions, volumeGone, volumeOf } from './ownership/traces.js'
import { recordVolumes } from './ownership/volumes.js'

export interface TakeDownTools {
  readonly cluster: Cluster
  readonly journal: Journal
  readonly clock: Clock
}

export interface TakeDownOptions {
  /** Delete volumes too, and the namespaces that they kept. */
  readonly volumes: boolean
  readonly signal: AbortSignal
  readonly onProgress?: (progress: DownProgress) => void
  /** Told of an object that takes long to go. */
  readonly onWait?: (message: string) => void
  /** Only these objects, by refKey; all of the journal without it. */
  readonly keys?: ReadonlySet<string>
  /** Milliseconds to wait for one object to be gone; 90000 without, for pods have 30 s to end. */
  readonly patience?: number
}

export interface DownProgress {
  readonly ref: ObjectRef
  /** `absent`: it had gone before it was asked to. */
  readonly step: 'deleting' | 'deleted' | 'absent' | 'restoring' | 'restored' | 'kept'
}

export interface KeptObject {
  readonly ref: ObjectRef
  /** `volume`: stays until volumes are asked for. The others: what `holds` lists would go with it. `unknown`: what it holds could not be read. */
  readonly reason: 'volume' | 'holds-volume' | 'holds-foreign' | 'unknown'
  readonly holds: readonly ObjectRef[]
}

export interface DownReport {
  /** The journal was about a cluster that is no more; nothing was touched. */
  readonly otherCluster: boolean
  readonly deleted: readonly ObjectRef[]
  readonly restored: readonly {
    readonly ref: ObjectRef
    /** Fields put back. */
    readonly fields: readonly string[]
    /** Fields that somebody changed since, which stay. */
    readonly left: readonly string[]
  }[]
  readonly kept: readonly KeptObject[]
  /** Asked to go and still there; the next `down` asks again. */
  readonly stuck: readonly { readonly ref: ObjectRef; readonly heldBy: readonly string[] }[]
  readonly problems: readonly Problem[]
}

interface Draft {
  readonly deleted: ObjectRef[]
  readonly restored: DownReport['restored'][number][]
  readonly kept: KeptObject[]
  readonly stuck: DownReport['stuck'][number][]
  readonly problems: Problem[]
}

type Created = Extract<OwnedObject, { origin: 'created' }>

const defaultPatience = 90_000

/**
 * Takes away what the journal says is devloop's, and puts back what it changed. Each step is in the journal as soon as it is done, so it can be
 * ended at any point and called again. Fails only where nothing can go on: cluster or journal unreachable, or aborted.
 */
export async function takeDown(tools: TakeDownTools, options: TakeDownOptions): Promise<Result<DownReport>> {
  const draft: Draft = { deleted: [], restored: [], kept: [], stuck: [], problems: [] }
  const { cluster, journal } = tools
  const identity = await cluster.identity()
  if (!identity.ok) return identity
  const { clusterUid } = journal.state()
  if (clusterUid !== undefined && clusterUid !== identity.value.uid) {
    const bound = await journal.append([{ type: 'cluster-bound', uid: identity.value.uid }], {
      durable: true,
    })
    return bound.ok ? ok({ ...draft, otherCluster: true }) : bound
  }
  const resolved = await resolveIntents(tools, options)
  if (!resolved.ok) return resolved
  const volumes = await recordVolumes(tools, options.keys)
  if (!volumes.ok) return volumes
  for (let wave = 0; wave <= 6; wave++) {
    const objects = [...journal.state().objects.values()]
      .filter(object => downWave(object.ref) === wave && options.keys?.has(object.key) !== false)
      .reverse()
    // Requests go out in this order; the waits for pods to end run side by side.
    const results = await Promise.all(objects.map(object => takeOne(tools, options, object, draft)))
    const failed = results.find(result => !result.ok)
    if (options.signal.aborted) return err(cancelled)
    if (failed !== undefined && !failed.ok) return failed
  }
  return ok({ ...draft, otherCluster: false })
}

/** What a crash left between intent and answer: ours if it carries the token, nothing of ours otherwise. */
async function resolveIntents(
  { cluster, journal }: TakeDownTools,
  { signal, keys }: TakeDownOptions,
): Promise<Result<void>> {
  for (const { key, ref, ...object } of journal.state().objects.values()) {
    // The intent of an object that is not meant may be about to come true.
    if (object.origin !== 'intent' || keys?.has(key) === false) continue
    const read = await cluster.get(ref, signal)
    if (!read.ok) return read
    const ours = read.value !== undefined && tokenOf(read.value) === object.token
    const written = await journal.append(
      [ours ? { type: 'created', key, uid: read.value.metadata.uid ?? '' } : { type: 'released', key }],
      { durable: true },
    )
    if (!written.ok) return written
  }
  return ok(undefined)
}

async function takeOne(
  tools: TakeDownTools,
  options: TakeDownOptions,
  object: OwnedObject,
  draft: Draft,
): Promise<Result<void>> {
  if (options.signal.aborted) return err(cancelled)
  switch (object.origin) {
    case 'intent':
      return ok(undefined)
    case 'adopted':
      return restoreOne(tools, options, object, draft)
    case 'created': {
      const reason = await whyKept(tools, options, object)
      if (!reason.ok) return reason
      if (reason.value === undefined) return deleteOne(tools, options, object, draft)
      draft.kept.push(reason.value)
      options.onProgress?.({ ref: object.ref, step: 'kept' })
      return ok(undefined)
    }
  }
}

async function restoreOne(
  tools: TakeDownTools,
  { signal, onProgress }: TakeDownOptions,
  object: Extract<OwnedObject, { origin: 'adopted' }>,
  draft: Draft,
): Promise<Result<void>> {
  const { ref, key } = object
  onProgress?.({ ref, step: 'restoring' })
  const restored = await restoreAdopted(tools.cluster, object, signal)
  if (!restored.ok) return setAside(restored.error, restoreFailed(object, restored.error), draft)
  if (restored.value !== undefined) {
    const cleared = await clearRevisions(tools, object, signal)
    if (!cleared.ok) return setAside(cleared.error, cleared.error, draft)
    draft.restored.push({ ref, ...restored.value })
  }
  onProgress?.({ ref, step: 'restored' })
  return tools.journal.append([{ type: 'released', key }], { durable: true })
}

/** A failure of one object is reported and the others go on; without the cluster there is no going on. */
function setAside(problem: Problem, report: Problem, draft: Draft): Result<void> {
  if (problem.kind === 'cluster-unreachable' || problem.kind === 'cancelled') return err(problem)
  draft.problems.push(report)
  return ok(undefined)
}

/** Why an object of ours stays, if it does. */
async function whyKept(
  { cluster, journal }: TakeDownTools,
  { volumes, signal }: TakeDownOptions,
  { ref, uid }: Created,
): Promise<Result<KeptObject | undefined>> {
  const isDefinition = ref.kind === 'CustomResourceDefinition'
  const isNamespace = ref.kind === 'Namespace' && ref.apiVersion === 'v1'
  const isClaim = ref.kind === 'PersistentVolumeClaim' && ref.apiVersion === 'v1'
  if (!isDefinition && !isNamespace && (!isClaim || volumes)) return ok(undefined)
  const read = await cluster.get(ref, signal)
  if (!read.ok) return read
  if (read.value === undefined || read.value.metadata.uid !== uid) return ok(undefined)
  if (isClaim) return ok({ ref, reason: 'volume', holds: [] })
  const known = [...journal.state().objects.values()]
  const ours = new Set(known.map(object => ('uid' in object ? object.uid : '')))
  // What we adopted is somebody else's still, even where it is one of ours to write to.
  for (const object of known) if (object.origin === 'adopted') ours.delete(object.uid)
  if (isNamespace) {
    const claims = known.filter(
      object => object.ref.namespace === ref.name && object.ref.kind === 'PersistentVolumeClaim',
    )
    if (claims.length > 0) return ok({ ref, reason: 'holds-volume', holds: claims.map(claim => claim.ref) })
  }
  const foreign = isNamespace
    ? await foreignInNamespace(cluster, ref.name, ours)
    : await foreignCustomResources(cluster, read.value, ours)
  if (!foreign.ok)
    return foreign.error.kind === 'cluster-unreachable' || foreign.error.kind === 'cancelled'
      ? foreign
      : ok({ ref, reason: 'unknown', holds: [] })
  return ok(
    foreign.value.length === 0
      ? undefined
      : { ref, reason: 'holds-foreign', holds: foreign.value.map(refOf) },
  )
}

async function deleteOne(
  tools: TakeDownTools,
  options: TakeDownOptions,
  { ref, key, uid }: Created,
  draft: Draft,
): Promise<Result<void>> {
  const { cluster, clock, journal } = tools
  const { signal, onProgress, onWait, patience = defaultPatience } = options
  onProgress?.({ ref, step: 'deleting' })
  const volume = await volumeOf(cluster, ref, uid, signal)
  if (!volume.ok) return volume
  const waiting = new AbortController()
  const stop = clock.after(patience, () => waiting.abort())
  const quiet = tellWhenSlow({ cluster, clock, tell: message => onWait?.(message) }, { ref, uid })
  // Foreground: a workload is gone only when its pods are.
  const deleted = await cluster.delete(ref, {
    uid,
    propagation: ref.kind === 'Namespace' ? 'Background' : 'Foreground',
    signal: AbortSignal.any([signal, waiting.signal]),
    wait: true,
  })
  stop()
  quiet()
  if (!deleted.ok) {
    if (signal.aborted) return err(cancelled)
    if (!waiting.signal.aborted) return setAside(deleted.error, deleted.error, draft)
    const read = await cluster.get(ref, signal)
    if (!read.ok) return read
    if (read.value !== undefined && read.value.metadata.uid === uid) {
      draft.stuck.push({ ref, heldBy: await holdersOf(cluster, read.value) })
      return ok(undefined)
    }
  }
  if (volume.value !== undefined && !(await volumeGone(tools, volume.value, signal)))
    draft.problems.push({
      kind: 'delete-failed',
      object: displayRef(volume.value),
      message:
        'the volume of a deleted claim is still there: its reclaim policy keeps it, or its provisioner has not come to it',
    })
  draft.deleted.push(ref)
  onProgress?.({ ref, step: deleted.ok ? deleted.value : 'deleted' })
  return journal.append([{ type: 'released', key }], { durable: true })
}
