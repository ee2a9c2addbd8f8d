import { displayRef, type KubeObject, type ObjectRef, refKey } from '../core/kube-object.js'
import { diffObjects } from '../core/ownership/field-changes.js'
import { restartManager } from '../core/ownership/marks.js'
import { cancelled } from '../core/problem.js'
import { err, ok, type Result } from '../core/result.js'
import type { ApplyTools } from './apply/apply-types.js'
import { isMoved } from './apply/update-object.js'

/** How often an object that changes between our read and our write is read again. */
const maxAttempts = 6

export interface RestartRequest {
  readonly ref: ObjectRef
  /** UID of the object that is meant: another one of its name is left alone. */
  readonly uid: string
  /** RFC 3339: what tells this restart from the one before. */
  readonly at: string
  readonly signal: AbortSignal
}

/**
 * Marks a workload's pod template as `kubectl rollout restart` does, so that its controller replaces the pods as its strategy says. The mark belongs to a
 * field manager of its own: the next apply of the manifest, which does not have it, leaves it where it is. The journal knows of it as of any write.
 */
export async function restartObject(
  tools: ApplyTools,
  request: RestartRequest,
): Promise<Result<{ readonly uid: string; readonly generation: number }>> {
  const { cluster, journal } = tools
  const { ref, uid, signal } = request
  const key = refKey(ref)
  for (let attempt = 1; ; attempt++) {
    if (signal.aborted) return err(cancelled)
    const read = await cluster.get(ref, signal)
    if (!read.ok) return read
    const live = read.value
    if (live === undefined || live.metadata.uid !== uid) return err(gone(ref))
    const owned = journal.state().objects.get(key)
    const adopted = owned?.origin === 'adopted'
    if (adopted) {
      const writing = await journal.append([{ type: 'writing', key, before: live }], { durable: true })
      if (!writing.ok) return writing
    }
    const applied = await cluster.apply(marked(live, request, adopted), {
      fieldManager: restartManager,
      force: true,
      signal,
    })
    if (!applied.ok) {
      if (isMoved(applied.error) && attempt < maxAttempts) continue
      return applied
    }
    const after = applied.value.object
    const { generation = 0, resourceVersion = '' } = after.metadata
    if (owned?.applied !== undefined) {
      const changes = adopted ? { changes: diffObjects(live, after) } : {}
      const entry = {
        ...owned.applied,
        type: 'applied' as const,
        key,
        uid,
        generation,
        resourceVersion,
        ...changes,
      }
      const written = await journal.append([entry], { durable: adopted })
      if (!written.ok) return written
    }
    return ok({ uid, generation })
  }
}

/** Only the mark, for only the object that was read; where that was there before devloop, only in the very version that was read. */
function marked(live: KubeObject, { ref, uid, at }: RestartRequest, exact: boolean): KubeObject {
  const { name, namespace } = ref
  return {
    apiVersion: ref.apiVersion,
    kind: ref.kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid,
      ...(exact ? { resourceVersion: live.metadata.resourceVersion ?? '' } : {}),
    },
    spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': at } } } },
  }
}

function gone(ref: ObjectRef) {
  return {
    kind: 'apply-rejected' as const,
    object: displayRef(ref),
    reason: 'other' as const,
    status: 404,
    message: 'it is no longer there',
    fields: [],
  }
}
