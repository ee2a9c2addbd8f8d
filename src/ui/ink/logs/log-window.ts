import type { LogLine } from '../../../core/logs/log-line.js'
import type { LogStore } from '../../../ports/log-store.js'
import type { AcceptLine } from './accept-line.js'

/** The lines of a view around what is on the screen: all that it accepts with `from <= seq < to`. */
export interface LogWindow {
  readonly lines: readonly LogLine[]
  readonly from: number
  readonly to: number
  /** The view has nothing before `from`. */
  readonly oldest: boolean
}

/** Where a window reads, and what it takes. */
export interface WindowSource {
  readonly store: LogStore
  readonly accept: AcceptLine
}

/** Lines looked at in one go, so that no key waits: some milliseconds of JSON lines. */
export const SLICE = 2000

/** Nothing read yet, to grow in both directions from there. */
export function windowAt(seq: number): LogWindow {
  return { lines: [], from: seq, to: seq, oldest: false }
}

/** Reads up to `limit` lines before the window, in one slice. */
export function growOlder(window: LogWindow, { store, accept }: WindowSource, limit: number): LogWindow {
  if (window.oldest) return window
  const page = store.before(window.from, { accept, limit, budget: SLICE })
  return { ...window, lines: [...page.lines, ...window.lines], from: page.next, oldest: page.done }
}

/** Reads up to `limit` lines after the window, in one slice. */
export function growNewer(window: LogWindow, { store, accept }: WindowSource, limit: number): LogWindow {
  if (window.to >= store.end) return window
  const page = store.after(window.to, { accept, limit, budget: SLICE })
  return { ...window, lines: [...window.lines, ...page.lines], to: page.next }
}

/**
 * Brings the window up to the newest line, which costs no more than a screen's lines, or the new ones where they are fewer. Where few of very many new
 * lines are accepted it takes several slices: then `to` is not the store's end yet.
 */
export function followEnd(window: LogWindow, source: WindowSource, height: number): LogWindow {
  const { store, accept } = source
  const { end } = store
  if (window.to >= end) return window
  const page = store.before(end, { accept, limit: height, budget: Math.min(SLICE, end - window.to) })
  if (page.lines.length >= height) return { lines: page.lines, from: page.next, to: end, oldest: page.done }
  if (page.done || page.next <= window.to) {
    const fresh = page.lines.filter(({ seq }) => seq >= window.to)
    return { ...window, lines: [...window.lines, ...fresh], to: end }
  }
  return growNewer(window, source, SLICE)
}

/** Lets go of lines far from the screen: `first` and `last` are the places in `lines` of what is on it. */
export function trimWindow(window: LogWindow, first: number, last: number, spare: number): LogWindow {
  const { lines } = window
  if (lines.length <= last - first + 1 + spare * 3) return window
  const begin = Math.max(0, first - spare)
  const end = Math.min(lines.length, last + 1 + spare)
  return {
    lines: lines.slice(begin, end),
    from: begin === 0 ? window.from : (lines[begin]?.seq ?? window.from),
    to: end === lines.length ? window.to : (lines[end]?.seq ?? window.to),
    oldest: begin === 0 && window.oldest,
  }
}
