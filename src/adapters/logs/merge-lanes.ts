import type { LogLine } from '../../core/logs/log-line.js'
import type { LogPage, LogQuery } from '../../ports/log-store.js'
import type { Block } from './log-block.js'

/** What merging needs of a service's lines: its blocks in order, none of them empty. */
export interface BlockList {
  readonly blocks: readonly Block[]
}

interface Reading {
  readonly lanes: Iterable<BlockList>
  /** The lines of a block, at least one. */
  readonly load: (block: Block) => readonly LogLine[]
  /** The `seq` that the next line will get. */
  readonly end: number
  readonly first: number
}

/** So many lines take some 5 ms from memory, and some 20 ms from disk. */
const BUDGET = 5000

/** A place in the lines of one service. `seq` is known before the block's lines are: what is not reached is not read. */
interface Cursor {
  readonly blocks: readonly Block[]
  index: number
  /** Undefined until a line of the block is wanted. */
  lines: readonly LogLine[] | undefined
  at: number
  seq: number
}

/** Lines with `seq >= from` of all services in their common order. */
export function readForward(reading: Reading, from: number, query: LogQuery): LogPage {
  const cursors: Cursor[] = []
  for (const { blocks } of reading.lanes) {
    const index = partition(blocks, ({ lastSeq }) => lastSeq < from)
    const cursor = { blocks, index, lines: undefined, at: 0, seq: 0 }
    if (enter(cursor, from)) cursors.push(cursor)
  }
  const taken = take({ reading, query, cursors, step: 1, advance })
  const isDone = cursors.length === 0
  return { lines: taken.lines, next: isDone ? reading.end : (taken.last ?? from - 1) + 1, done: isDone }

  /** Goes to the first line from `least` on; false where there is none. */
  function enter(cursor: Cursor, least: number): boolean {
    for (; ; cursor.index++) {
      const block = cursor.blocks[cursor.index]
      if (block === undefined) return false
      cursor.at = 0
      cursor.lines = undefined
      cursor.seq = block.firstSeq
      if (block.firstSeq >= least) return true
      cursor.lines = reading.load(block)
      cursor.at = partition(cursor.lines, ({ seq }) => seq < least)
      const line = cursor.lines[cursor.at]
      if (line === undefined) continue
      cursor.seq = line.seq
      return true
    }
  }
  function advance(cursor: Cursor): boolean {
    const line = cursor.lines?.[++cursor.at]
    if (line !== undefined) {
      cursor.seq = line.seq
      return true
    }
    cursor.index++
    return enter(cursor, 0)
  }
}

/** The newest lines with `seq < before`, in their order. */
export function readBackward(reading: Reading, before: number, query: LogQuery): LogPage {
  const cursors: Cursor[] = []
  for (const { blocks } of reading.lanes) {
    const index = partition(blocks, ({ firstSeq }) => firstSeq < before) - 1
    const cursor = { blocks, index, lines: undefined, at: 0, seq: 0 }
    if (enter(cursor, before)) cursors.push(cursor)
  }
  const taken = take({ reading, query, cursors, step: -1, advance })
  const isDone = cursors.length === 0
  return {
    lines: taken.lines.reverse(),
    next: isDone ? Math.min(before, reading.first) : (taken.last ?? before),
    done: isDone,
  }

  /** Goes to the last line before `limit`; false where there is none. */
  function enter(cursor: Cursor, limit: number): boolean {
    for (; ; cursor.index--) {
      const block = cursor.blocks[cursor.index]
      if (block === undefined) return false
      cursor.lines = undefined
      cursor.seq = block.lastSeq
      if (block.lastSeq < limit) return true
      cursor.lines = reading.load(block)
      cursor.at = partition(cursor.lines, ({ seq }) => seq < limit) - 1
      const line = cursor.lines[cursor.at]
      if (line === undefined) continue
      cursor.seq = line.seq
      return true
    }
  }
  function advance(cursor: Cursor): boolean {
    const line = cursor.lines?.[--cursor.at]
    if (line !== undefined) {
      cursor.seq = line.seq
      return true
    }
    cursor.index--
    return enter(cursor, Number.POSITIVE_INFINITY)
  }
}

/** Takes lines, the nearest of all cursors first, until the limit, the budget or the last line; cursors at their end are removed. */
function take(work: {
  readonly reading: Reading
  readonly query: LogQuery
  readonly cursors: Cursor[]
  readonly step: 1 | -1
  readonly advance: (cursor: Cursor) => boolean
}): { readonly lines: LogLine[]; readonly last: number | undefined } {
  const { reading, query, cursors, step, advance } = work
  const { accept, limit } = query
  const budget = Math.max(1, query.budget ?? BUDGET)
  const lines: LogLine[] = []
  let last: number | undefined
  for (let looked = 0; looked < budget && lines.length < limit; looked++) {
    let nearest: Cursor | undefined
    for (const cursor of cursors)
      if (nearest === undefined || (cursor.seq - nearest.seq) * step < 0) nearest = cursor
    if (nearest === undefined) break
    const line = lineAt(nearest, reading, step)
    if (line !== undefined && line.seq !== nearest.seq) {
      // The block could not be read: what stands for its lines may belong elsewhere.
      nearest.seq = line.seq
      continue
    }
    last = nearest.seq
    if (line !== undefined && (accept === undefined || accept(line))) lines.push(line)
    if (!advance(nearest)) cursors.splice(cursors.indexOf(nearest), 1)
  }
  return { lines, last }
}

function lineAt(cursor: Cursor, reading: Reading, step: 1 | -1): LogLine | undefined {
  const block = cursor.blocks[cursor.index]
  if (block === undefined) return undefined
  if (cursor.lines === undefined) {
    cursor.lines = reading.load(block)
    cursor.at = step === 1 ? 0 : cursor.lines.length - 1
  }
  return cursor.lines[cursor.at]
}

/** How many items at the beginning are `true`, all others being `false`. */
function partition<T>(items: readonly T[], test: (item: T) => boolean): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const item = items[middle]
    if (item !== undefined && test(item)) low = middle + 1
    else high = middle
  }
  return low
}
