import { apiGroup, displayRef, type KubeObject, type ObjectRef, refOf } from '../../core/kube-object.js'
import type { Problem } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { ApplyTools, Known, Step } from './apply-types.js'
import { type CreateInput, createObject } from './create-object.js'

export interface ReplaceInput extends Omit<CreateInput, 'owned' | 'outcome'> {
  readonly owned: Known
  readonly live: KubeObject
}

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

/** What comes of a change of a field that cannot change: the object is made anew where that costs nothing. */
export async function replaceImmutable(
  input: ReplaceInput,
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
      hint: `Put the field back as it was. Or, where you can do without the ${live.kind} for a moment: kubectl delete ${displayRef(ref)}, then save again; devloop itself makes anew only what holds no data and serves nobody.`,
    })
  const gone = await awaitGone(tools, live, request.signal)
  if (!gone.ok) return gone
  return createObject({ tools, request, ref, key, owned: undefined, notices, outcome: 'recreated' })
}

/** Deletes where that was not asked for yet, and resolves when the object is gone. */
export async function awaitGone(
  { cluster, onGoing }: ApplyTools,
  live: KubeObject,
  signal: AbortSignal,
): Promise<Result<void>> {
  const stop = onGoing?.(live)
  const gone = await cluster.delete(refOf(live), {
    uid: live.metadata.uid ?? '',
    // Foreground: what an old Job runs, a migration perhaps, has ended before the new one starts.
    propagation: 'Foreground',
    signal,
    wait: true,
  })
  stop?.()
  return gone.ok ? ok(undefined) : gone
}
