import { refKey, refOf } from '../core/kube-object.js'
import { isClearedAway } from '../core/manifest/cleared-away.js'
import type { OwnedObject } from '../core/ownership/journal-state.js'
import { objectHash } from '../core/ownership/object-hash.js'
import { cancelled } from '../core/problem.js'
import { err, ok, type Result } from '../core/result.js'
import { outcomeOf } from './apply/applied-entry.js'
import type { ApplyOutcome, ApplyRequest, ApplyTools, Step } from './apply/apply-types.js'
import { createObject } from './apply/create-object.js'
import { recogniseObject } from './apply/recognise-object.js'
import { awaitGone } from './apply/replace-object.js'
import { updateObject } from './apply/update-object.js'

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
  const answered = tools.onAsked?.(ref)
  const read = await cluster.get(ref, signal)
  answered?.()
  if (!read.ok) return read
  const live = read.value
  const owned = journal.state().objects.get(key)
  if (live?.metadata.deletionTimestamp !== undefined) {
    const gone = await awaitGone(tools, live, signal)
    return gone.ok ? 'again' : gone
  }
  const mayBeDone = live === undefined && request.again !== true
  const finished = mayBeDone ? finishedJob(owned, objectHash(object, journal.hashKey)) : undefined
  if (finished !== undefined) return ok({ ...finished, notices })
  if (live === undefined)
    return createObject({ tools, request, ref, key, owned, notices, outcome: 'created' })
  const known = await recogniseObject({ tools, ref, key, owned, live, request })
  if (!known.ok) return known
  if (known.value === undefined) return ok(outcomeOf('unchanged', live, notices))
  return updateObject({ tools, request, ref, key, owned: known.value, live, notices, mayRetry })
}

/** A Job that finished and was cleared away by its own time to live, or a hook by its chart's policy, is not run again while its manifest stays the same. */
function finishedJob(
  owned: OwnedObject | undefined,
  hash: string,
): Omit<ApplyOutcome, 'notices'> | undefined {
  const applied = owned?.applied
  if (owned === undefined || applied === undefined || applied.hash !== hash) return undefined
  if (!isClearedAway(applied.object)) return undefined
  const { uid, generation = 0, resourceVersion } = applied
  return { outcome: 'unchanged', uid, generation, resourceVersion, live: undefined }
}
