import { closest, distance } from 'fastest-levenshtein'

const fold = (name: string): string => name.toLowerCase().replace(/[_.\s-]/g, '')

/** What two names share when letters were only swapped. */
const letters = (name: string): string => [...name].toSorted().join('')

/** The candidate that was most likely meant, or undefined where none is near. Case and separators do not count. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined
  const folded = fold(name)
  const best = closest(folded, candidates.map(fold))
  const limit = Math.max(1, Math.floor(Math.max(folded.length, best.length) / 3))
  if (distance(folded, best) > limit && letters(folded) !== letters(best)) return undefined
  return candidates.find(candidate => fold(candidate) === best)
}

/** `did you mean "X"?`, or what there is to choose from, or nothing. */
export function suggestName(name: string, candidates: readonly string[], noun: string): string | undefined {
  const near = nearest(name, candidates)
  if (near !== undefined) return `did you mean "${near}"?`
  return candidates.length === 0 ? undefined : `${noun}: ${candidates.join(', ')}`
}
