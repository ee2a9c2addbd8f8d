import type { RolloutFailureReason } from '../problem.js'
import type { ObservedEvent, ObservedPod, ObservedWorkload } from '../rollout-observation.js'
import type { Cause } from './container-problem.js'
import { podProblem } from './pod-problem.js'
import { isOver, type WorkloadPods } from './pods-of.js'
import type { RolloutInput } from './rollout-status.js'

/** Of several pods' causes the first of these is shown: those that say most about what to change. */
const ORDER: readonly RolloutFailureReason[] = [
  'out-of-memory',
  'crash-loop',
  'container-exited',
  'start-error',
  'needs-cluster',
  'config-error',
  'image-pull',
  'quota',
  'denied',
  'volume',
  'unschedulable',
  'probe-failing',
  'evicted',
]

/** Why the pods of the newest revision are not ready, or why there are none. */
export function findCause(
  input: Pick<RolloutInput, 'eventsOf' | 'applied' | 'at'>,
  workload: ObservedWorkload,
  { newest, creators }: WorkloadPods,
): Cause | undefined {
  const since = eventsCount(input.applied)
  const causes = newest
    .map(pod => podProblem(pod, input.eventsOf(pod.uid), { since, at: input.at }))
    .filter(cause => cause !== undefined)
  const live = newest.filter(pod => !pod.deleting && !isOver(pod)).length
  // A Job runs its pods a few at a time, so only one without any lacks some.
  const missing = live < (workload.kind === 'Job' ? 1 : workload.desiredReplicas)
  if (missing) {
    const events = creators.flatMap(uid => input.eventsOf(uid))
    const cause = replicaFailure(workload) ?? creationProblem(events, newest, since)
    if (cause !== undefined) causes.push(cause)
  }
  return causes.sort((a, b) => rank(a) - rank(b))[0]
}

/** The time, in milliseconds, from which on events count. They are written to the second. */
export function eventsCount({ at, changed }: RolloutInput['applied']): number {
  return changed ? Math.floor(at / 1000) * 1000 : Number.NEGATIVE_INFINITY
}

function rank({ reason }: Cause): number {
  const at = ORDER.indexOf(reason)
  return at === -1 ? ORDER.length : at
}

function replicaFailure(workload: ObservedWorkload): Cause | undefined {
  const failure = workload.conditions.find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  )
  return failure?.message === undefined ? undefined : refusal(failure.message)
}

/** A pod that could not be created, as long as none was created after that. */
function creationProblem(
  events: readonly ObservedEvent[],
  pods: readonly ObservedPod[],
  since: number,
): Cause | undefined {
  const lastCreated = Math.max(since, ...pods.map(pod => Date.parse(pod.createdAt)))
  const newest = events
    .filter(({ reason, message }) => reason === 'FailedCreate' && !isPassing(message))
    .filter(({ lastSeen }) => Date.parse(lastSeen) >= lastCreated)
    .sort((a, b) => Date.parse(b.lastSeen) - Date.parse(a.lastSeen))[0]
  return newest === undefined ? undefined : refusal(newest.message)
}

/** What a controller meets while an earlier object of the name goes away. */
function isPassing(message: string): boolean {
  return /already exists|object is being deleted|the object has been modified/.test(message)
}

function refusal(text: string): Cause {
  const message = text.replace(/^Error creating: /, '')
  if (/exceeded quota|failed quota|(maximum|minimum) .* per (Container|Pod)/.test(message))
    return { reason: 'quota', message }
  if (/denied|violates PodSecurity|is forbidden/.test(message)) return { reason: 'denied', message }
  return { reason: 'other', message }
}
