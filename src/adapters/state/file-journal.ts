import { type FileHandle, open } from 'node:fs/promises'
import type { JournalEntry } from '../../core/ownership/journal-entry.js'
import { compactJournal, reduceJournal } from '../../core/ownership/journal-state.js'
import type { StateUnusable } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { Journal } from '../../ports/journal.js'
import { readNdjson } from './ndjson-file.js'
import { guardFiles } from './state-failure.js'
import { writeAtomically } from './write-atomically.js'

/** Below this many bytes a journal is not rewritten while it is open. */
const smallJournal = 1 << 20

export interface FileJournalOptions {
  readonly path: string
  readonly hashKey: string
  /** Told of lines that cannot be read. */
  readonly onNotice: (message: string) => void
  readonly access: 'read' | 'write'
}

/** Opens the journal, one JSON entry a line, and rewrites it in its shortest form. */
export async function openFileJournal({
  path,
  hashKey,
  onNotice,
  access,
}: FileJournalOptions): Promise<Result<Journal, StateUnusable>> {
  return guardFiles(path, async () => {
    const content = await readNdjson(path)
    if (content.corrupt.length > 0)
      onNotice(`${path}: line ${content.corrupt.join(', ')} cannot be read; the rest is used`)
    let state = reduceJournal(content.values as readonly JournalEntry[])
    let size = content.bytes
    let handle: FileHandle | undefined
    const rewrite = async () => {
      await handle?.close()
      handle = undefined
      const text = lines(compactJournal(state))
      await writeAtomically(path, text)
      size = Buffer.byteLength(text)
    }
    // What could not be read stays on the disk for a person to look at.
    if (access === 'write' && content.bytes > 0 && content.corrupt.length === 0) await rewrite()
    let compactedSize = size

    interface Waiting {
      readonly entries: readonly JournalEntry[]
      readonly durable: boolean
      readonly done: (result: Result<void>) => void
    }
    let waiting: Waiting[] = []
    let writing: Promise<void> | undefined

    const flush = async (batch: readonly Waiting[]): Promise<Result<void>> =>
      guardFiles(path, async () => {
        const entries = batch.flatMap(item => item.entries)
        const text = lines(entries)
        if (handle === undefined) {
          handle = await open(path, 'a', 0o600)
          // After a torn last line the next entry starts on a line of its own.
          if (content.bytes > 0) await handle.appendFile('\n')
        }
        await handle.appendFile(text)
        if (batch.some(item => item.durable)) await handle.datasync()
        size += Buffer.byteLength(text)
        state = reduceJournal(entries, state)
        if (size > Math.max(smallJournal, 4 * compactedSize)) {
          await rewrite()
          compactedSize = size
        }
      })

    const drain = async () => {
      while (waiting.length > 0) {
        const batch = waiting
        waiting = []
        const result = await flush(batch)
        for (const item of batch) item.done(result)
      }
      writing = undefined
    }

    return {
      hashKey,
      state: () => state,
      append: (entries, { durable }) => {
        if (access === 'read')
          return Promise.resolve(
            err({ kind: 'state-unusable', path, message: 'the journal was opened for reading' }),
          )
        if (entries.length === 0) return Promise.resolve(ok(undefined))
        return new Promise(done => {
          waiting.push({ entries, durable, done })
          // One tick later, so that what is asked for at the same time goes to the disk at the same time.
          writing ??= Promise.resolve().then(drain)
        })
      },
      close: async () => {
        await writing
        await handle?.close()
        handle = undefined
      },
    }
  })
}

function lines(entries: readonly JournalEntry[]): string {
  return entries.map(entry => `${JSON.stringify(entry)}\n`).join('')
}
