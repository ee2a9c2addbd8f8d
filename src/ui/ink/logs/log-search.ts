import type { LogStore } from '../../../ports/log-store.js'
import type { AcceptLine } from './accept-line.js'
import { SLICE } from './log-window.js'

/** The places of the lines that match, as far as they were looked for: outwards in both directions from where the search began. */
export interface LogSearch {
  /** Matches before the beginning, the newest first. */
  readonly older: readonly number[]
  readonly olderAt: number
  readonly olderDone: boolean
  /** Matches after it, the oldest first. */
  readonly newer: readonly number[]
  readonly newerAt: number
  /** There are more than are counted. */
  readonly more: boolean
}

export type Direction = 'next' | 'previous'

/** Matches remembered in each direction; 8 bytes each. */
const MOST = 100_000

/** Begins before line `seq`. */
export function beginSearch(seq: number): LogSearch {
  return { older: [], olderAt: seq, olderDone: false, newer: [], newerAt: seq, more: false }
}

/** Whether every line up to the store's end was looked at. */
export function isSearched(search: LogSearch, end: number): boolean {
  return search.olderDone && search.newerAt >= end
}

/** Looks through one slice more; what came last is looked through as it comes. `toward`: which direction matters more now. */
export function searchSlice(
  search: LogSearch,
  from: { readonly store: LogStore; readonly accept: AcceptLine },
  toward: Direction,
): LogSearch {
  const { store, accept } = from
  const query = { accept, limit: SLICE, budget: SLICE }
  const newerLeft = search.newerAt < store.end
  if (!search.olderDone && (toward === 'previous' || !newerLeft)) {
    const { lines, next, done } = store.before(search.olderAt, query)
    const older =
      lines.length === 0 ? search.older : [...search.older, ...lines.map(({ seq }) => seq).reverse()]
    const full = older.length >= MOST
    return { ...search, older, olderAt: next, olderDone: done || full, more: search.more || (full && !done) }
  }
  if (!newerLeft) return search
  if (search.newer.length >= MOST) return { ...search, newerAt: store.end, more: true }
  const { lines, next } = store.after(search.newerAt, query)
  const newer = lines.length === 0 ? search.newer : [...search.newer, ...lines.map(({ seq }) => seq)]
  return { ...search, newer, newerAt: next }
}

/** The match to go to from line `seq`; from the last one it goes on at the other end. `searching`: not known yet; `none`: there is none. */
export function findMatch(
  search: LogSearch,
  direction: Direction,
  seq: number,
  end: number,
): number | 'searching' | 'none' {
  const { older, newer, olderDone } = search
  const newerDone = search.newerAt >= end
  if (direction === 'next') {
    const found = older.findLast(place => place > seq) ?? newer.find(place => place > seq)
    if (found !== undefined) return found
    if (!newerDone || !olderDone) return 'searching'
    return older.at(-1) ?? newer[0] ?? 'none'
  }
  const found = newer.findLast(place => place < seq) ?? older.find(place => place < seq)
  if (found !== undefined) return found
  if (!newerDone || !olderDone) return 'searching'
  return newer.at(-1) ?? older[0] ?? 'none'
}

/** The 1-based place of a match among all, from the oldest; 0 where it is none or not all older ones are known. */
export function rankOf(search: LogSearch, seq: number | undefined): number {
  if (seq === undefined || !search.olderDone) return 0
  const newer = search.newer.indexOf(seq)
  if (newer !== -1) return search.older.length + newer + 1
  const older = search.older.indexOf(seq)
  return older === -1 ? 0 : search.older.length - older
}
