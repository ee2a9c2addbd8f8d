import { duePrune, isLookDue } from '../prune/due-prune.js'
import type { State } from '../state.js'

/** The look at what the manifests no longer have, and its end. */
export function planPrune(state: State) {
  if (isLookDue(state)) return [{ type: 'find-dropped' as const }]
  const due = duePrune(state)
  return due === undefined ? [] : [{ type: 'prune' as const, ...due }]
}
