import type { ServiceState } from '../state.js'

/** A service whose builds were ended by newer saves this often gets its next build to the end, so that constant saving cannot starve it. */
export const MAX_SUPERSEDED_IN_A_ROW = 3
/** Oldest save first: who saves all the time does not push the others back. */
export function inTurn(services: readonly ServiceState[]): readonly ServiceState[] {
  const savedAt = ({ source }: ServiceState) => (source.kind === 'known' ? source.savedAt : 0)
  return [...services].sort((a, b) => savedAt(a) - savedAt(b))
}
