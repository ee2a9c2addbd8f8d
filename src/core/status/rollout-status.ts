import type { Problem, RolloutFailed } from '../problem.js'
import type { ObjectState, State } from '../state.js'
import type { ServiceStatus } from './status.js'

export function rolloutStatus(state: State, object: ObjectState): ServiceStatus {
  const { rollout } = object
  if (rollout === undefined) return { phase: 'rolling', message: 'waiting to be seen' }
  const { status, deadlinePassed } = rollout
  switch (status.kind) {
    case 'done':
      return { phase: 'live' }
    case 'failing':
      return {
        phase: 'failed',
        problem: withLastLines(state, status.problem),
        final: status.final || deadlinePassed,
      }
    case 'waiting':
    case 'progressing':
      return deadlinePassed
        ? { phase: 'failed', problem: deadlineProblem(object, status.message), final: true }
        : { phase: 'rolling', message: status.message }
    case 'held':
      return { phase: 'live' }
  }
}

function deadlineProblem(object: ObjectState, message: string): RolloutFailed {
  const { ref } = object.linked
  return {
    kind: 'rollout-failed',
    workload: `${ref.kind.toLowerCase()}/${ref.name}`,
    namespace: ref.namespace ?? '',
    reason: 'deadline',
    message,
    lastLines: [],
  }
}

/** A rollout's problem with the lines that its container printed last, once they were read; those of an earlier crash until then. */
function withLastLines(state: State, problem: RolloutFailed): RolloutFailed {
  if (problem.lastLines.length > 0) return problem
  const lines = crashesOf(state, problem).findLast(crash => crash.lines !== undefined)?.lines
  return lines === undefined ? problem : { ...problem, lastLines: lines }
}

/** Whether the last lines of the crash that a problem tells of are being read, and none of an earlier one are known. */
export function isBeingRead(state: State, problem: Problem): boolean {
  if (problem.kind !== 'rollout-failed') return false
  const crashes = crashesOf(state, problem)
  return crashes.length > 0 && crashes.every(({ lines }) => lines === undefined)
}

function crashesOf(state: State, { namespace, pod, container = '' }: RolloutFailed) {
  if (pod === undefined) return []
  const uid = Object.values(state.observed.pods).find(p => p.name === pod && p.namespace === namespace)?.uid
  return Object.entries(state.crashes).flatMap(([key, crash]) =>
    uid !== undefined && key.startsWith(`${uid}/${container}/`) ? [crash] : [],
  )
}
