import type { LogLine, NewLogLine } from '../core/logs/log-line.js'

/** Part of what was asked for. A reader that wants more asks again from `next`. */
export interface LogPage {
  /** In the order of `seq`, whichever way was read. */
  readonly lines: readonly LogLine[]
  /** Where to go on: the `seq` to give to the next call. */
  readonly next: number
  /** Nothing is left in this direction (for now, where it is the end that grows). */
  readonly done: boolean
}

export interface LogQuery {
  /** Lines that it refuses are passed over. */
  readonly accept?: (line: LogLine) => boolean
  /** Ends the call after this many accepted lines. */
  readonly limit: number
  /** Ends the call after this many lines were looked at, so that no key waits for a search. @default 5000 */
  readonly budget?: number
}

/** Every line of a session, in the order in which they came: the newest in memory, the others on disk, the oldest of the most talkative service forgotten first. */
export interface LogStore {
  append(line: NewLogLine): LogLine
  /** The `seq` that the next line will get. */
  readonly end: number
  /** The lowest `seq` that is still held; `end` where nothing is. */
  readonly first: number
  /** Lines with `seq >= from`, oldest first. */
  after(from: number, query: LogQuery): LogPage
  /** Lines with `seq < before`, the newest `limit` of them. */
  before(before: number, query: LogQuery): LogPage
  /** Called after lines were appended, at most once for those of one turn of the event loop. Returns what ends it. */
  subscribe(listener: () => void): () => void
  /** What was forgotten for lack of room, by service (`''` for other pods). */
  forgotten(): Readonly<Record<string, number>>
  /** Writes what is not yet on disk and lets go of the files. */
  close(): void
}
