import type { KubeObject } from '../../core/kube-object.js'
import { formatFieldPath } from '../../core/ownership/field-path.js'
import { fieldManager, saveAnnotation, tokenAnnotation, withMarks } from '../../core/ownership/marks.js'
import { objectHash, withoutSecretValues } from '../../core/ownership/object-hash.js'
import { carryReplicas, resolveConflicts, withoutFields } from '../../core/ownership/resolve-conflicts.js'
import type { Problem } from '../../core/problem.js'
import { ok, type Result } from '../../core/result.js'
import type { Applied } from '../../ports/cluster.js'
import { recordVolumesOf } from '../ownership/volumes.js'
import { appliedEntry, outcomeOf, savedOf } from './applied-entry.js'
import type { Step } from './apply-types.js'
import { ownStrategy } from './own-strategy.js'
import { type ReplaceInput, replaceImmutable } from './replace-object.js'
import { sendObject } from './send-object.js'

export interface UpdateInput extends ReplaceInput {
  readonly mayRetry: boolean
}

/** Makes a live object that is ours, or was adopted, equal to the manifest. */
export async function updateObject(input: UpdateInput): Promise<Step> {
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
    const { cluster } = tools
    const { signal } = request
    const problem = applied.error
    if (mayRetry && (await ownStrategy(cluster, { problem, desired, owned, live, signal }))) return 'again'
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
  notices,
}: ResolveInput): Promise<Result<Applied & { readonly left: readonly string[] }>> {
  const { journal } = tools
  const left: ReturnType<typeof formatFieldPath>[] = []
  let sending = guarded
  let force = false
  // Leaving a field out can bring up no more conflicts than there are fields; a handful of rounds is for managers that write meanwhile.
  for (let round = 0; ; round++) {
    const applied = await sendObject(tools, { request, object: sending, force, notices })
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
