import type { LogLine, LogOrigin } from '../../core/logs/log-line.js'
import type { Segment } from './log-spill.js'

/**
 * Consecutive lines of one lane, and the unit of everything: of what is written, forgotten, read back and remembered. The index of a
 * log of millions of lines is a list of these.
 */
export interface Block {
  /** The key of the lane that it belongs to. */
  readonly lane: string
  readonly firstSeq: number
  lastSeq: number
  count: number
  /** Length of the encoded lines. */
  bytes: number
  /** The encoded lines, for as long as they are in memory; `bytes` says how much of it is filled. */
  data: Buffer | undefined
  /** The lines themselves, while the block grows. Of a block that is gone from among others: one that says so. */
  lines: LogLine[] | undefined
  /** How many lines that are gone its one line stands for. */
  lost: number
  /** Where it is on disk; absent where it never came there. */
  place: Place | undefined
}

export interface Place {
  readonly segment: Segment
  readonly offset: number
  /** How much of the block is written. */
  written: number
}

/** Of 16 KB, some 100 lines: with twenty services a page that needs a block of each is read from disk in a few milliseconds. */
export const BLOCK_BYTES = 16 * 1024

/**
 * One line in one line of JSON, which escapes line ends and lone surrogates, so that every text comes back as it was. Origins are numbers,
 * see `createOrigins`.
 */
export function encodeLine({ seq, kind, time, text }: LogLine, origin: number): string {
  return `[${seq},${origin},${JSON.stringify(kind)},${JSON.stringify(time)},${JSON.stringify(text)}]\n`
}

/** Undefined where this is not what `encodeLine` wrote. */
export function decodeLines(
  data: Buffer,
  originAt: (index: number) => LogOrigin | undefined,
): LogLine[] | undefined {
  try {
    const rows: readonly Row[] = JSON.parse(`[${data.toString('utf8').trimEnd().replaceAll('\n', ',')}]`)
    const lines: LogLine[] = []
    for (const [seq, index, kind, time, text] of rows) {
      const origin = originAt(index)
      if (origin === undefined) return undefined
      lines.push({ seq, origin, kind, time, text })
    }
    return lines
  } catch {
    return undefined
  }
}

type Row = readonly [seq: number, origin: number, kind: LogLine['kind'], time: string, text: string]
