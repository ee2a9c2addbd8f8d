import { randomUUID } from 'node:crypto'
import { apiGroup, displayRef, type KubeObject, type ObjectRef, refKey, refOf } from '../core/kube-object.js'
import { diffObjects } from '../core/ownership/field-changes.js'
import { formatFieldPath } from '../core/ownership/field-path.js'
import type { OwnedObject } from '../core/ownership/journal-state.js'
import { fieldManager, saveAnnotation, tokenAnnotation, tokenOf, withMarks } from '../core/ownership/marks.js'
import { objectHash, withoutSecretValues } from '../core/ownership/object-hash.js'
import { carryReplicas, resolveConflicts, withoutFields } from '../core/ownership/resolve-conflicts.js'
import { withoutManager } from '../core/ownership/without-manager.js'
import { cancelled, type Problem, type SourceRange } from '../core/problem.js'
import { err, ok, type Result } from '../core/result.js'
import type { Applied, Cluster } from '../ports/cluster.js'
import type { Journal } from '../ports/journal.js'
import { recordForeignVolumes, revisionsOf } from './ownership/dependents.js'
import { recordVolumesOf } from './ownership/volumes.js'

export interface ApplyTools {
  readonly cluster: Cluster
  readonly journal: Journal
}

export interface ApplyRequest {
  /** As rendered, with the images replaced; without devloop's annotations. */
  readonly object: KubeObject
  readonly source?: SourceRange
  readonly signal: AbortSignal
  /** Number of the save that this apply belongs to; goes onto the object where something is written anyway. */
  readonly save?: number
  /** Also where nothing changed, and with what somebody else changed by hand put back. */
  readonly takeBack?: boolean
  /** The object was made to run no pods, whoever else scales it. */
  readonly scaledToZero?: boolean
}

export interface ApplyOutcome {
  readonly outcome: 'unchanged' | 'created' | 'configured' | 'recreated'
  readonly uid: string
  /** 0 for kinds without one. */
  readonly generation: number
  readonly resourceVersion: string
  /** As the API server has it; undefined for a Job that finished and was removed by its own `ttlSecondsAfterFinished`. */
  readonly live: KubeObject | undefined
  /** For people: fields that were taken or left, the API server's warnings. */
  readonly notices: readonly string[]
}

/** How often an object that changes between our read and our write is read again. */
const maxAttempts = 6

/**
 * Makes the object in the cluster equal to the manifest, and the journal equal to what was done. Problems are those of `Cluster.apply` and
 * `Journal.append`.
 */
export async function applyObject(tools: ApplyTools, request: ApplyRequest): Promise<Result<ApplyOutcome>> {
  const notices: string[] = []
  for (let attempt = 1; ; attempt++) {
    if (request.signal.aborted) return err(cancelled)
    const step = await applyOnce(tools, request, notices, attempt < maxAttempts)
    if (step !== 'again') return step
  }
}

type Step = Result<ApplyOutcome> | 'again'

async function applyOnce(
  tools: ApplyTools,
  request: ApplyRequest,
  notices: string[],
  mayRetry: boolean,
): Promise<Step> {
  const { cluster, journal } = tools
  const { object, signal } = request
  const ref = refOf(object)
  const key = refKey(ref)
  const read = await cluster.get(ref, signal)
  if (!read.ok) return read
  const live = read.value
  const owned = journal.state().objects.get(key)
  if (live?.metadata.deletionTimestamp !== undefined) {
    const gone = await awaitGone(cluster, live, signal)
    return gone.ok ? 'again' : gone
  }
  const finished = live === undefined ? finishedJob(owned, objectHash(object, journal.hashKey)) : undefined
  if (finished !== undefined) return ok({ ...finished, notices })
  if (live === undefined) return create({ tools, request, ref, key, owned, notices, outcome: 'created' })
  const known = await recognise({ tools, ref, key, owned, live, request })
  if (!known.ok) return known
  if (known.value === undefined) return ok(outcomeOf('unchanged', live, notices))
  return update({ tools, request, ref, key, owned: known.value, live, notices, mayRetry })
}

interface CreateInput {
  readonly tools: ApplyTools
  readonly request: ApplyRequest
  readonly ref: ObjectRef
  readonly key: string
  readonly owned: OwnedObject | undefined
  readonly notices: string[]
  readonly outcome: 'created' | 'recreated'
}

async function create(input: CreateInput): Promise<Step> {
  const { tools, request, ref, key, owned, notices, outcome } = input
  const { cluster, journal } = tools
  const token = owned?.origin === 'intent' ? owned.token : randomUUID()
  if (owned?.origin !== 'intent') {
    const foreign = await recordForeignVolumes(tools, request.object)
    if (!foreign.ok) return foreign
    const intent = await journal.append([{ type: 'intent', key, ref, token }], { durable: true })
    if (!intent.ok) return intent
  }
  const marked = withMarks(request.object, token, request.save)
  const applied = await cluster.apply(marked, applyOptions(request, false))
  if (!applied.ok) {
    // Somebody made it since we looked: it is theirs, and seen as such on the next turn.
    if (applied.error.kind === 'apply-conflict') return forget(tools, key)
    return applied
  }
  notices.push(...applied.value.warnings)
  const made = applied.value.object
  if (!applied.value.created) return adoptLate(input, made, token)
  const written = await journal.append(
    [{ type: 'created', key, uid: made.metadata.uid ?? '' }, appliedEntry(journal, request, made, [])],
    { durable: false },
  )
  return written.ok ? ok(outcomeOf(outcome, made, notices)) : written
}

async function forget({ journal }: ApplyTools, key: string): Promise<Step> {
  const released = await journal.append([{ type: 'released', key }], { durable: true })
  return released.ok ? 'again' : released
}

/** Somebody created the object between our look and our write, which forced nothing: what only we own of it is what we added. */
async function adoptLate(
  { tools, request, key, ref, notices }: CreateInput,
  now: KubeObject,
  token: string,
): Promise<Step> {
  const { journal } = tools
  const snapshot = withoutManager(now, fieldManager)
  const written = await journal.append(
    [
      { type: 'adopted', key, ref, uid: now.metadata.uid ?? '', token, snapshot, revisions: [] },
      appliedEntry(journal, request, now, [], snapshot),
    ],
    { durable: true },
  )
  return written.ok ? ok(outcomeOf('configured', now, notices)) : written
}

interface RecogniseInput {
  readonly tools: ApplyTools
  readonly request: ApplyRequest
  readonly ref: ObjectRef
  readonly key: string
  readonly owned: OwnedObject | undefined
  readonly live: KubeObject
}

type Known = Exclude<OwnedObject, { origin: 'intent' }>

/** Whose the live object is; adopts it where it is not ours. Undefined for what is left as it is. */
async function recognise(input: RecogniseInput): Promise<Result<Known | undefined>> {
  const { tools, ref, key, owned, live } = input
  const { journal } = tools
  const uid = live.metadata.uid ?? ''
  const now = () => {
    const object = journal.state().objects.get(key)
    return ok(object?.origin === 'intent' ? undefined : object)
  }
  if (owned !== undefined && owned.origin !== 'intent' && owned.uid === uid) return ok(owned)
  if (owned?.origin === 'intent' && tokenOf(live) === owned.token) {
    const written = await journal.append([{ type: 'created', key, uid }], { durable: false })
    return written.ok ? now() : written
  }
  if (live.kind === 'Namespace' && live.apiVersion === 'v1') {
    if (owned === undefined) return ok(undefined)
    const released = await journal.append([{ type: 'released', key }], { durable: true })
    return released.ok ? ok(undefined) : released
  }
  const foreign = await recordForeignVolumes(tools, input.request.object)
  if (!foreign.ok) return foreign
  const revisions = await revisionsOf(tools.cluster, live)
  if (!revisions.ok) return revisions
  const adopted = await journal.append(
    [{ type: 'adopted', key, ref, uid, token: randomUUID(), snapshot: live, revisions: revisions.value }],
    { durable: true },
  )
  return adopted.ok ? now() : adopted
}

interface UpdateInput extends CreateUpdate {
  readonly owned: Known
  readonly live: KubeObject
  readonly mayRetry: boolean
}

type CreateUpdate = Pick<CreateInput, 'tools' | 'request' | 'ref' | 'key' | 'notices'>

async function update(input: UpdateInput): Promise<Step> {
  const { tools, request, key, owned, live, notices, mayRetry } = input
  const { journal } = tools
  const hash = objectHash(request.object, journal.hashKey)
  const isAsked = request.takeBack === true
  if (!isAsked && owned.applied?.hash === hash && isUntouched(live, owned.applied))
    return ok(outcomeOf('unchanged', live, notices))
  const adopted = owned.origin === 'adopted'
  if (adopted) {
    // From the number of replicas down will tell which claims are ours, and that number is about to be 0.
    const recorded = request.scaledToZero === true ? await recordVolumesOf(tools, owned) : ok(undefined)
    if (!recorded.ok) return recorded
    const writing = await journal.append([{ type: 'writing', key, before: live }], { durable: true })
    if (!writing.ok) return writing
  }
  const desired = carryReplicas(request.object, live, fieldManager)
  // The save's number alone is no reason to write: where the manifest is the same, the number stays.
  const save = owned.applied?.hash === hash ? savedOf(live) : request.save
  const marked = owned.token === undefined ? desired : withMarks(desired, owned.token, save)
  // With its UID the apply can only update; with the version too, what it changed on an adopted object is known exactly.
  const guarded = {
    ...marked,
    metadata: {
      ...marked.metadata,
      uid: live.metadata.uid ?? '',
      ...(adopted && mayRetry ? { resourceVersion: live.metadata.resourceVersion ?? '' } : {}),
    },
  }
  const taken: string[] = []
  const applied = await applyResolved({ ...input, guarded, desired, taken })
  if (!applied.ok) {
    if (mayRetry && isMoved(applied.error)) return 'again'
    if (applied.error.kind === 'apply-rejected' && applied.error.reason === 'immutable')
      return replaceImmutable(input, applied.error)
    return applied
  }
  notices.push(...taken, ...applied.value.warnings)
  const after = applied.value.object
  const entry = appliedEntry(journal, request, after, applied.value.left, adopted ? live : undefined)
  const written = await journal.append([entry], { durable: adopted })
  if (!written.ok) return written
  const same = after.metadata.resourceVersion === live.metadata.resourceVersion
  return ok(outcomeOf(same ? 'unchanged' : 'configured', after, notices))
}

interface ResolveInput extends UpdateInput {
  readonly guarded: KubeObject
  readonly desired: KubeObject
  readonly taken: string[]
}

/** Applies without force, then decides each conflict and applies again. */
async function applyResolved({
  tools,
  request,
  owned,
  live,
  guarded,
  desired,
  taken,
}: ResolveInput): Promise<Result<Applied & { readonly left: readonly string[] }>> {
  const { cluster, journal } = tools
  const left: ReturnType<typeof formatFieldPath>[] = []
  let sending = guarded
  let force = false
  // Leaving a field out can bring up no more conflicts than there are fields; a handful of rounds is for managers that write meanwhile.
  for (let round = 0; ; round++) {
    const applied = await cluster.apply(sending, applyOptions(request, force))
    if (applied.ok) return ok({ ...applied.value, left })
    if (applied.error.kind !== 'apply-conflict' || round === 3) return applied
    const decided = resolveConflicts({
      desired: withoutSecretValues(desired, journal.hashKey),
      live,
      applied: owned.applied,
      conflicts: applied.error.conflicts.filter(({ field }) => !isMark(field)),
      adopted: owned.origin === 'adopted',
      takeBack: request.takeBack === true,
      scaledToZero: request.scaledToZero === true,
    })
    if (decided === undefined) return applied
    sending = withoutFields(sending, decided.left)
    left.push(...decided.left.map(path => formatFieldPath(path)))
    taken.push(...decided.notices)
    force = decided.force || applied.error.conflicts.some(({ field }) => isMark(field))
  }
}

const isMark = (field: string) => field.endsWith(tokenAnnotation) || field.endsWith(saveAnnotation)

/** Kinds that hold nothing and may be made anew where devloop made them. */
function isReplaceable({ apiVersion, kind }: ObjectRef): boolean {
  const name = `${apiGroup(apiVersion)}/${kind}`
  return [
    'batch/Job',
    '/Pod',
    'rbac.authorization.k8s.io/RoleBinding',
    'rbac.authorization.k8s.io/ClusterRoleBinding',
  ].includes(name)
}

async function replaceImmutable(
  input: UpdateInput,
  problem: Extract<Problem, { kind: 'apply-rejected' }>,
): Promise<Step> {
  const { tools, request, ref, key, owned, live, notices } = input
  if (owned.origin !== 'created')
    return err({
      ...problem,
      hint: `${displayRef(ref)} was there before devloop, which therefore does not delete it. Delete it yourself, or take the change back.`,
    })
  if (!isReplaceable(ref))
    return err({
      ...problem,
      hint: `This field cannot change on a ${live.kind} that exists, and devloop recreates only what holds no data and serves nobody. Where you can do without it for a moment: kubectl delete ${ref.kind.toLowerCase()} ${ref.name}${ref.namespace === undefined ? '' : ` -n ${ref.namespace}`}, then save again.`,
    })
  const gone = await awaitGone(tools.cluster, live, request.signal)
  if (!gone.ok) return gone
  return create({ tools, request, ref, key, owned: undefined, notices, outcome: 'recreated' })
}

/** Deletes where that was not asked for yet, and resolves when the object is gone. */
function awaitGone(cluster: Cluster, live: KubeObject, signal: AbortSignal): Promise<Result<void>> {
  return cluster.delete(refOf(live), {
    uid: live.metadata.uid ?? '',
    propagation: 'Background',
    signal,
    wait: true,
  })
}

/** Whether somebody wrote to the object between our read and our write. */
export function isMoved(problem: Problem): boolean {
  return (
    (problem.kind === 'apply-rejected' && problem.status === 409) ||
    (problem.kind === 'apply-conflict' && problem.conflicts.length === 0)
  )
}

function isUntouched(
  live: KubeObject,
  applied: { readonly generation?: number; readonly resourceVersion: string },
): boolean {
  return live.metadata.generation === undefined
    ? live.metadata.resourceVersion === applied.resourceVersion
    : live.metadata.generation === applied.generation
}

/** A Job that finished and was cleared away by its own time to live is not run again while its manifest stays the same. */
function finishedJob(
  owned: OwnedObject | undefined,
  hash: string,
): Omit<ApplyOutcome, 'notices'> | undefined {
  const applied = owned?.applied
  if (owned?.ref.kind !== 'Job' || applied === undefined || applied.hash !== hash) return undefined
  const spec = applied.object.spec as { readonly ttlSecondsAfterFinished?: number } | undefined
  if (spec?.ttlSecondsAfterFinished === undefined) return undefined
  const { uid, generation = 0, resourceVersion } = applied
  return { outcome: 'unchanged', uid, generation, resourceVersion, live: undefined }
}

function savedOf(live: KubeObject): number | undefined {
  const text = live.metadata.annotations?.[saveAnnotation]
  return text === undefined ? undefined : Number(text)
}

function applyOptions({ source, signal }: ApplyRequest, force: boolean) {
  return { fieldManager, force, signal, ...(source === undefined ? {} : { source }) }
}

function appliedEntry(
  journal: Journal,
  { object, save }: ApplyRequest,
  after: KubeObject,
  left: readonly string[],
  before?: KubeObject,
) {
  const { uid = '', generation, resourceVersion = '' } = after.metadata
  return {
    type: 'applied' as const,
    key: refKey(refOf(object)),
    uid,
    hash: objectHash(object, journal.hashKey),
    ...(generation === undefined ? {} : { generation }),
    resourceVersion,
    object: withoutSecretValues(object, journal.hashKey),
    left,
    ...(save === undefined ? {} : { save }),
    ...(before === undefined ? {} : { changes: diffObjects(before, after) }),
  }
}

function outcomeOf(
  outcome: ApplyOutcome['outcome'],
  object: KubeObject,
  notices: readonly string[],
): ApplyOutcome {
  const { uid = '', generation = 0, resourceVersion = '' } = object.metadata
  return { outcome, uid, generation, resourceVersion, live: object, notices }
}
