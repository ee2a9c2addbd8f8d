import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { KEPT_RECORDS, type SaveRecord } from '../../core/timings/save-record.js'
import { openTimingsFile } from './timings-file.js'

let path: string
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'devloop-timings-')), 'timings.ndjson')
})
afterEach(() => rm(join(path, '..'), { recursive: true }))

const record = (service: string, save: number): SaveRecord => ({
  service,
  save,
  savedAt: 1000,
  liveAt: 2000,
  stages: { build: 10 },
  changed: [],
  more: 0,
  image: undefined,
  cached: undefined,
  load: undefined,
  contextBytes: undefined,
})

async function open() {
  const opened = await openTimingsFile(path)
  if (!opened.ok) throw new Error(opened.error.kind)
  return opened.value
}

test('what one session adds, the next one has', async () => {
  const first = await open()
  await Promise.all([first.add([record('a', 1)]), first.add([record('b', 1), record('a', 2)])])
  expect((await open()).records().map(({ service, save }) => `${service}${save}`)).toEqual(['a1', 'b1', 'a2'])
})

test('neither the memory nor the file grows without bound', async () => {
  const timings = await open()
  await timings.add([record('rare', 1)])
  for (let save = 1; save <= 500; save++) await timings.add([record('a', save)])
  expect(timings.records().length).toBe(KEPT_RECORDS + 1)
  const lines = (await readFile(path, 'utf8')).trim().split('\n').length
  expect(lines).toBeLessThanOrEqual(4 * KEPT_RECORDS + 1)
  const again = (await open()).records()
  expect(again.map(({ save }) => save)).toEqual(timings.records().map(({ save }) => save))
})

test('lines that are no records are left out', async () => {
  const timings = await open()
  await timings.add([record('a', 1)])
  await appendFile(path, 'nonsense\n{"service":"a"}\n{"torn')
  expect((await open()).records()).toEqual(timings.records())
})
