import type { LogLine } from '../../../core/logs/log-line.js'
import type { LogTop } from './log-view.js'
import { growNewer, growOlder, type LogWindow, type WindowSource } from './log-window.js'

/** How many rows a line has as it is shown now. */
export type RowCount = (line: LogLine) => number

/** What is on the screen: places in the window's lines, and the row of the first line that is on top. */
export interface Viewport {
  readonly first: number
  readonly last: number
  readonly top: LogTop
  /** Rows that are there, at most the height. */
  readonly rows: number
}

/** The newest rows. Undefined without lines. */
export function viewportAtEnd(
  lines: readonly LogLine[],
  height: number,
  rowCount: RowCount,
): Viewport | undefined {
  let rows = 0
  for (let first = lines.length - 1; first >= 0; first--) {
    const line = lines[first]
    if (line === undefined) break
    rows += rowCount(line)
    if (rows >= height || first === 0) {
      const row = Math.max(0, rows - height)
      return { first, last: lines.length - 1, top: { seq: line.seq, row }, rows: Math.min(rows, height) }
    }
  }
  return undefined
}

/** The rows from a line on, or from the next one that is there. */
export function viewportFrom(
  lines: readonly LogLine[],
  from: LogTop,
  height: number,
  rowCount: RowCount,
): Viewport | undefined {
  const first = indexOf(lines, from.seq)
  const line = lines[first]
  if (line === undefined) return undefined
  const row = line.seq === from.seq ? Math.min(from.row, rowCount(line) - 1) : 0
  let rows = -row
  let last = first
  for (; last < lines.length; last++) {
    const next = lines[last]
    if (next === undefined) break
    rows += rowCount(next)
    if (rows >= height) break
  }
  last = Math.min(last, lines.length - 1)
  return { first, last, top: { seq: line.seq, row }, rows: Math.min(rows, height) }
}

/** The place of the first line with `seq` or a greater one. */
export function indexOf(lines: readonly LogLine[], seq: number): number {
  let low = 0
  let high = lines.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((lines[middle]?.seq ?? 0) < seq) low = middle + 1
    else high = middle
  }
  return low
}

export interface Moved {
  readonly window: LogWindow
  readonly top: LogTop
  /** Rows still to go, in the next slice: the lines for them were not found yet. */
  readonly left: number
  /** It went beyond the newest line. */
  readonly end: boolean
}

export interface Move {
  readonly source: WindowSource
  readonly height: number
  readonly rowCount: RowCount
}

/** Moves the top of the screen by that many rows, and reads more lines where they are needed: one slice at most. */
export function moveTop(window: LogWindow, top: LogTop, rows: number, move: Move): Moved {
  return rows < 0 ? moveUp(window, top, -rows, move) : moveDown(window, top, rows, move)
}

function moveUp(given: LogWindow, top: LogTop, rows: number, { source, height, rowCount }: Move): Moved {
  let window = given
  let at = indexOf(window.lines, top.seq)
  let row = window.lines[at]?.seq === top.seq ? top.row : 0
  let left = rows
  let grown = false
  while (left > 0) {
    if (row > 0) {
      const step = Math.min(row, left)
      row -= step
      left -= step
    } else if (at > 0) {
      at--
      const line = window.lines[at]
      row = line === undefined ? 0 : rowCount(line)
    } else if (window.oldest) {
      left = 0
    } else if (grown) {
      break
    } else {
      const before = window.lines.length
      window = growOlder(window, source, Math.max(height, left))
      at += window.lines.length - before
      grown = true
    }
  }
  const seq = window.lines[at]?.seq ?? top.seq
  return { window, top: { seq, row }, left: -left, end: false }
}

function moveDown(given: LogWindow, top: LogTop, rows: number, { source, height, rowCount }: Move): Moved {
  let window = given
  let seen = viewportFrom(window.lines, top, height + rows, rowCount)
  if ((seen?.rows ?? 0) < height + rows && window.to < source.store.end) {
    window = growNewer(window, source, height + rows)
    seen = viewportFrom(window.lines, top, height + rows, rowCount)
  }
  if (seen === undefined || seen.rows < height + rows) {
    return window.to < source.store.end
      ? { window, top, left: rows, end: false }
      : { window, top, left: 0, end: true }
  }
  let at = seen.first
  let row = seen.top.row + rows
  for (let line = window.lines[at]; line !== undefined && row >= rowCount(line); line = window.lines[at]) {
    row -= rowCount(line)
    at++
  }
  return { window, top: { seq: window.lines[at]?.seq ?? top.seq, row }, left: 0, end: false }
}
