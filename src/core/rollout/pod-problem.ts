import type { ObservedEvent, ObservedPod } from '../rollout-observation.js'
import { awaitsClaim, CLAIM_PATIENCE } from './awaits-claim.js'
import { type Cause, containerProblem } from './container-problem.js'
import { isOver } from './pods-of.js'

/** A probe that fails while its container is this young (milliseconds) says no more than that it is starting. */
const STARTING = 10_000

/** Why one pod is not ready; undefined where it is, or nothing is known to be wrong. `since`: older events do not count; `at`: when it is judged. */
export function podProblem(
  pod: ObservedPod,
  events: readonly ObservedEvent[],
  { since, at }: { readonly since: number; readonly at: number },
): Cause | undefined {
  if (pod.deleting || pod.phase === 'Succeeded' || (pod.ready && !isOver(pod))) return undefined
  const current = events.filter(event => Date.parse(event.lastSeen) >= since)
  return evicted(pod) ?? unschedulable(pod, at) ?? ofContainers(pod) ?? fromEvents(pod, current)
}

function evicted(pod: ObservedPod): Cause | undefined {
  if (pod.phase !== 'Failed' || pod.reason === undefined || pod.reason === '') return undefined
  return {
    pod: pod.name,
    reason: pod.reason === 'Evicted' ? 'evicted' : 'other',
    message: pod.message === undefined || pod.message === '' ? pod.reason : pod.message,
  }
}

function unschedulable(pod: ObservedPod, at: number): Cause | undefined {
  const { name, unschedulable: message } = pod
  if (message === undefined) return undefined
  if (!awaitsClaim(pod)) return { pod: name, reason: 'unschedulable', message }
  return at < Date.parse(pod.createdAt) + CLAIM_PATIENCE
    ? undefined
    : { pod: name, reason: 'volume', message }
}

function ofContainers(pod: ObservedPod): Cause | undefined {
  for (const container of pod.containers) {
    const cause = containerProblem(pod, container)
    if (cause !== undefined) return cause
  }
  return undefined
}

function fromEvents(pod: ObservedPod, events: readonly ObservedEvent[]): Cause | undefined {
  const newestFirst = [...events].sort((a, b) => Date.parse(b.lastSeen) - Date.parse(a.lastSeen))
  for (const event of newestFirst) {
    const cause = fromEvent(pod, event)
    if (cause !== undefined) return cause
  }
  return undefined
}

function fromEvent(pod: ObservedPod, event: ObservedEvent): Cause | undefined {
  const { reason, message } = event
  const waiting = pod.containers.every(({ state }) => state.kind === 'waiting')
  switch (reason) {
    case 'FailedMount':
    case 'FailedAttachVolume':
    case 'FailedMapVolume':
      return waiting && !isPassing(message) ? { pod: pod.name, reason: 'volume', message } : undefined
    case 'FailedCreatePodSandBox':
      return waiting ? { pod: pod.name, reason: 'start-error', message } : undefined
    case 'FailedPostStartHook':
      return { pod: pod.name, reason: 'start-error', message }
    case 'Unhealthy':
      return probeFailing(pod, event)
    default:
      return undefined
  }
}

/**
 * What a kubelet says that has not caught up with a new namespace, or that the API server does not take for the pod's node yet: its node authorizer learns of
 * a scheduled pod by a watch of its own. The kubelet tries again by itself.
 */
function isPassing(message: string): boolean {
  return PASSING.some(words => message.includes(words))
}

const PASSING: readonly string[] = [
  'failed to sync configmap cache',
  'failed to sync secret cache',
  'not registered',
  'no relationship found between node',
  'node requested token bound to a pod scheduled on a different node',
]

/** The event does not name the container, so it is held against the running ones that are not ready. */
function probeFailing(pod: ObservedPod, { message, lastSeen }: ObservedEvent): Cause | undefined {
  const seen = Date.parse(lastSeen)
  const failing = pod.containers.find(
    ({ state, ready }) =>
      state.kind === 'running' && !ready && seen - Date.parse(state.startedAt) >= STARTING,
  )
  if (failing === undefined) return undefined
  return {
    pod: pod.name,
    container: failing.name,
    restarts: failing.restarts,
    reason: 'probe-failing',
    message: message.trim(),
  }
}
