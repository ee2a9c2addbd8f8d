import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmdirSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

/** A file with consecutive blocks of one lane. */
export interface Segment {
  readonly path: string
  bytes: number
  /** Undefined once it is full, or given up. */
  file: number | undefined
}

/**
 * The files of one session's log. Synchronous: a block goes to the page cache in microseconds, and what was appended is on its way before
 * anything else happens. Once a file cannot be written nothing is written any more; what is there can still be read.
 */
export interface LogSpill {
  readonly isWritable: boolean
  /** A new file for lines of this lane; undefined where none can be written. */
  begin(lane: string): Segment | undefined
  /** Whether all of it is written. */
  write(segment: Segment, data: Uint8Array): boolean
  /** Undefined where the file is gone or too short. */
  read(segment: Segment, offset: number, length: number): Buffer | undefined
  /** No more is written to it. */
  end(segment: Segment): void
  remove(segment: Segment): void
  noteOrigin(text: string): void
  /** Nothing is written any more. */
  close(): void
}

const ORIGINS = 'origins.ndjson'
const OURS = /^(origins|log-.*-\d+)\.ndjson$/

/** Takes the directory over: removes what an earlier session left there. Without a directory nothing is ever written. */
export function openLogSpill(directory: string | undefined, onNotice: (message: string) => void): LogSpill {
  let isWritable = directory !== undefined
  let files = 0

  function attempt<T>(work: (directory: string) => T): T | undefined {
    if (!isWritable || directory === undefined) return undefined
    try {
      return work(directory)
    } catch (error) {
      isWritable = false
      const words = error instanceof Error ? error.message : String(error)
      onNotice(`Logs cannot be kept in ${directory}, so only the newest lines are: ${words}`)
      return undefined
    }
  }

  attempt(folder => {
    removeLogSpill(folder)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    chmodSync(folder, 0o700)
  })

  return {
    get isWritable() {
      return isWritable
    },
    begin: lane =>
      attempt(folder => {
        const path = join(folder, `log-${encodeURIComponent(lane)}-${++files}.ndjson`)
        return { path, bytes: 0, file: openSync(path, 'wx', 0o600) }
      }),
    write: (segment, data) =>
      attempt(() => {
        const { file } = segment
        if (file === undefined) return false
        for (let at = 0; at < data.length; ) at += writeSync(file, data, at)
        segment.bytes += data.length
        return true
      }) ?? false,
    read: ({ path }, offset, length) => readPart(path, offset, length),
    end: endSegment,
    remove: segment => {
      endSegment(segment)
      try {
        rmSync(segment.path, { force: true })
      } catch {
        // Whoever opens the directory next removes it.
      }
    },
    noteOrigin: text => {
      attempt(folder => appendFileSync(join(folder, ORIGINS), `${text}\n`, { mode: 0o600 }))
    },
    close: () => {
      isWritable = false
    },
  }
}

/** Removes a directory of logs, and nothing in it that is of others. Throws what the system refuses. */
export function removeLogSpill(directory: string): void {
  let names: readonly string[]
  try {
    names = readdirSync(directory)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return
    throw error
  }
  const own = names.filter(name => OURS.test(name))
  for (const name of own) rmSync(join(directory, name), { force: true })
  if (own.length === names.length) rmdirSync(directory)
}

function endSegment(segment: Segment): void {
  const { file } = segment
  segment.file = undefined
  if (file === undefined) return
  try {
    closeSync(file)
  } catch {
    // Some file systems report a failed write as late as here; a block that is not there is found out when it is read.
  }
}

function readPart(path: string, offset: number, length: number): Buffer | undefined {
  let file: number | undefined
  try {
    file = openSync(path, 'r')
    const data = Buffer.allocUnsafe(length)
    let at = 0
    while (at < length) {
      const read = readSync(file, data, at, length - at, offset + at)
      if (read === 0) return undefined
      at += read
    }
    return data
  } catch {
    return undefined
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
