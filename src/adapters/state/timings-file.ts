import { appendFile } from 'node:fs/promises'
import { ok, type Result } from '../../core/result.js'
import { boundRecords, KEPT_RECORDS, parseRecord, type SaveRecord } from '../../core/timings/save-record.js'
import type { Timings } from '../../ports/state-store.js'
import { readNdjson } from './ndjson-file.js'
import { guardFiles } from './state-failure.js'
import { writeAtomically } from './write-atomically.js'

/** The file may hold this many times what is kept, so that it is rewritten once in many saves. */
const SLACK = 2

/** A line for each save; what cannot be read is left out. Only the owner of the lock adds. */
export async function openTimingsFile(path: string): Promise<Result<Timings>> {
  const read = await guardFiles(path, () => readNdjson(path))
  if (!read.ok) return read
  let lines = read.value.values.length
  let records = boundRecords(read.value.values.flatMap(value => parseRecord(value) ?? []))
  let writing: Promise<unknown> = Promise.resolve()
  const write = async (added: readonly SaveRecord[]): Promise<void> => {
    const services = new Set(records.map(({ service }) => service)).size
    if (lines > SLACK * KEPT_RECORDS * services) {
      lines = records.length
      await writeAtomically(path, textOf(records))
    } else await appendFile(path, textOf(added), { mode: 0o600 })
  }
  return ok({
    records: () => records,
    add: added => {
      records = boundRecords([...records, ...added])
      lines += added.length
      const written = writing.then(() => guardFiles(path, () => write(added)))
      writing = written
      return written
    },
  })
}

const textOf = (records: readonly SaveRecord[]): string =>
  records.map(record => `${JSON.stringify(record)}\n`).join('')
