import type { RolloutFailed } from '../problem.js'
import type { Cause } from './container-problem.js'
import { eventsCount } from './find-cause.js'
import { podProblem } from './pod-problem.js'
import type { RolloutCounts, RolloutInput, RolloutStatus } from './rollout-status.js'

/** A Pod that no controller looks after: done when Ready or ended well; once it failed it stays so. */
export function judgePod({ at, ref, pods, eventsOf, applied }: RolloutInput): RolloutStatus {
  const pod = pods.find(one => one.uid === applied.uid)
  if (pod === undefined) return { kind: 'waiting', message: 'waiting to be seen' }
  if (pod.deleting) return { kind: 'waiting', message: 'is being deleted' }
  const succeeded = pod.phase === 'Succeeded'
  const failed = pod.phase === 'Failed'
  const ready = succeeded || (pod.ready && !failed)
  const counts: RolloutCounts = { ready: ready ? 1 : 0, desired: 1, updated: 1, oldEndpoints: 0 }
  if (ready) return { kind: 'done', ...counts, message: succeeded ? 'completed' : 'ready' }
  const known = podProblem(pod, eventsOf(pod.uid), { since: eventsCount(applied), at })
  const cause: Cause | undefined =
    known ??
    (failed ? { pod: pod.name, reason: 'other', message: pod.message ?? 'The pod failed.' } : undefined)
  if (cause === undefined) return { kind: 'progressing', ...counts, message: 'starting' }
  const problem: RolloutFailed = {
    ...cause,
    kind: 'rollout-failed',
    workload: `pod/${ref.name}`,
    namespace: pod.namespace,
    lastLines: [],
  }
  return { kind: 'failing', problem, final: failed, ...counts, message: problem.message }
}
