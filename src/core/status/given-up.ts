import type { Problem } from '../problem.js'
import type { State } from '../state.js'

/** Asked this often and never answered: a session that has to end does not wait for it any longer. */
const ENGINE_ATTEMPTS = 3

function engineGivenUp(state: State): boolean {
  return state.engine.kind === 'unreachable' && state.engine.attempts >= ENGINE_ATTEMPTS
}

/** Without the engine nothing is decided yet: it is asked again. */
export function isFinal(state: State, problem: Problem): boolean {
  return problem.kind !== 'engine-unreachable' || engineGivenUp(state)
}

/** Loads that failed are tried this often before `--once` gives up. */
export const LOAD_ATTEMPTS = 3
const CONNECT_ATTEMPTS = 3

/** Whether waiting any longer for the cluster is of no use to a session that has to end. */
export function clusterGivenUp(state: State): boolean {
  if (state.cluster.kind !== 'absent' || state.cluster.problem === undefined) return false
  return state.cluster.problem.kind !== 'cluster-unreachable' || state.cluster.attempts >= CONNECT_ATTEMPTS
}

/** An apply that may succeed later without a change of ours is tried this often before `--once` gives up. */
export const APPLY_ATTEMPTS = 8

/** Whether an apply that failed is tried again by itself. */
export function isRetried(problem: Problem): boolean {
  if (problem.kind === 'cluster-unreachable') return true
  if (problem.kind !== 'apply-rejected') return false
  // The ports and addresses of a Service that was just deleted are given free a moment later.
  if (/provided (port|IP) is already allocated/.test(problem.message)) return true
  return problem.reason === 'namespace' || problem.reason === 'no-such-kind' || problem.reason === 'other'
}
