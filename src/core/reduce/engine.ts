import type { Problem } from '../problem.js'
import type { State } from '../state.js'

/** Something needed the engine and did not get it. */
export function engineLost(state: State, problem: Problem): State {
  if (state.engine.kind === 'unreachable') return state
  return { ...state, engine: { kind: 'unreachable', problem, attempts: 0, probing: undefined, due: false } }
}
