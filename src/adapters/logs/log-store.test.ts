import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LogLine, NewLogLine } from '../../core/logs/log-line.js'
import type { LogStore } from '../../ports/log-store.js'
import { removeLogSpill } from './log-spill.js'
import { createLogStore, type LogStoreOptions } from './log-store.js'

let home: string
let directory: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'logs-'))
  directory = join(home, 'spill')
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const line = (text: string, service: string | null = 'tour', over: Partial<NewLogLine> = {}): NewLogLine => ({
  origin: {
    ...(service === null ? {} : { service }),
    namespace: 'shop',
    pod: `${service}-0`,
    podUid: `uid-${service}`,
    container: 'app',
    role: 'app',
    restarts: 0,
  },
  kind: 'line',
  time: '2026-01-01T10:00:00.000000001Z',
  text,
  ...over,
})

const open = (over: Partial<LogStoreOptions> = {}) => createLogStore({ directory, ...over })
const texts = (lines: readonly LogLine[]) => lines.map(({ text }) => text)

/** Reads everything page by page, in the order of `seq`. */
function readAll(store: LogStore, way: 'after' | 'before', limit = 1000): readonly LogLine[] {
  const pages: (readonly LogLine[])[] = []
  for (let at = way === 'after' ? 0 : store.end; ; ) {
    const page = store[way](at, { limit })
    pages.push(page.lines)
    at = page.next
    if (page.done) return (way === 'after' ? pages : pages.reverse()).flat()
  }
}

const bytesOnDisk = () =>
  readdirSync(directory).reduce((total, name) => total + statSync(join(directory, name)).size, 0)

/** Everything in memory is smaller than one line: all is read from disk. */
const spilled = { memoryBytes: 1, blockBytes: 200 }

describe.each<readonly [string, Partial<LogStoreOptions>]>([
  ['from memory', {}],
  ['from disk', spilled],
  ['without a directory', { directory: undefined }],
])('%s', (_name, options) => {
  test.each([
    ['nothing', ''],
    ['line ends', 'a\nb\r\nc\u2028d\u0000'],
    ['wide and composed', '부산 투어 🚀 e\u0301'],
    ['lone surrogates', '\ud83d x \ude80 \udfff\ud800'],
    ['control sequences', '\u001b[31mred\u001b[0m \u001b]8;;http://x\u0007'],
    ['JSON', '{"level":"info","msg":"say \\"hi\\"","path":"C:\\\\tmp"}'],
    ['a long one', '가'.repeat(300_000)],
  ])('%s comes back as it was', (_case, text) => {
    const store = open(options)
    const given = [line('before'), line(text), line(text, null, { kind: 'divider' }), line('after')]
    const stored = given.map(one => store.append(one))
    expect(stored).toEqual(given.map((one, seq) => ({ ...one, seq })))
    expect(readAll(store, 'after')).toEqual(stored)
    expect(readAll(store, 'before')).toEqual(stored)
    store.close()
    expect(readAll(store, 'before')).toEqual(stored)
  })
})

test('a page ends at its limit, its budget or the last line, and says where to go on', () => {
  const store = open()
  for (let n = 0; n < 10; n++) store.append(line(`${n}`, n % 2 === 0 ? 'a' : 'b'))
  const accept = ({ text }: LogLine) => Number(text) % 3 === 0
  const page = (got: ReturnType<LogStore['after']>) => [texts(got.lines).join(''), got.next, got.done]
  expect(page(store.after(2, { limit: 3 }))).toEqual(['234', 5, false])
  expect(page(store.after(7, { limit: 3 }))).toEqual(['789', 10, true])
  expect(page(store.after(10, { limit: 3 }))).toEqual(['', 10, true])
  expect(page(store.before(10, { limit: 3 }))).toEqual(['789', 7, false])
  expect(page(store.before(2, { limit: 3 }))).toEqual(['01', 0, true])
  expect(page(store.after(1, { limit: 9, budget: 4, accept }))).toEqual(['3', 5, false])
  expect(page(store.before(9, { limit: 9, budget: 4, accept }))).toEqual(['6', 5, false])
  expect(page(store.after(0, { limit: 2, accept }))).toEqual(['03', 4, false])
})

test('listeners hear once of the lines of one turn', async () => {
  const store = open()
  let heard = 0
  const off = store.subscribe(() => heard++)
  const turn = () => new Promise(resolve => setImmediate(resolve))
  for (let n = 0; n < 5; n++) store.append(line(`${n}`))
  await turn()
  expect(heard).toBe(1)
  store.append(line('6'))
  off()
  await turn()
  expect(heard).toBe(1)
})

test('what came is on disk after a moment, for its owner alone', async () => {
  const store = open({ flushDelay: 1 })
  store.append(line('hello', 'a/b:c'))
  const file = () => readdirSync(directory).find(name => name.startsWith('log-'))
  for (const until = Date.now() + 5000; Date.now() < until; await new Promise(done => setTimeout(done, 2)))
    if (bytesOnDisk() > 0 && file() !== undefined && statSync(join(directory, file() ?? '')).size > 0) break
  expect(readFileSync(join(directory, file() ?? ''), 'utf8')).toContain('"hello"')
  expect(readFileSync(join(directory, 'origins.ndjson'), 'utf8')).toContain('"podUid":"uid-a/b:c"')
  expect(statSync(directory).mode & 0o777).toBe(0o700)
  expect(readdirSync(directory).map(name => statSync(join(directory, name)).mode & 0o777)).toEqual([
    0o600, 0o600,
  ])
  store.append(line('world', 'a/b:c'))
  store.close()
  expect(
    readFileSync(join(directory, file() ?? ''), 'utf8')
      .trimEnd()
      .split('\n'),
  ).toHaveLength(2)
})

test('the next session begins with nothing, and leaves the files of others alone', () => {
  const first = open(spilled)
  for (let n = 0; n < 50; n++) first.append(line(`${n}`))
  // No close: as after a kill -9.
  writeFileSync(join(directory, 'mine.txt'), 'keep')
  const second = open(spilled)
  expect([second.end, second.first]).toEqual([0, 0])
  expect(readdirSync(directory)).toEqual(['mine.txt'])
  second.append(line('x'))
  second.close()
  removeLogSpill(directory)
  expect(readdirSync(directory)).toEqual(['mine.txt'])
  rmSync(join(directory, 'mine.txt'))
  removeLogSpill(directory)
  removeLogSpill(directory)
  expect(readdirSync(home)).toEqual([])
})

test('where the disk cannot be written the newest lines are kept in memory, and that is said once', () => {
  writeFileSync(directory, 'a file stands where the folder should be')
  const notices: string[] = []
  const store = open({ memoryBytes: 4000, blockBytes: 200, onNotice: message => notices.push(message) })
  for (let n = 0; n < 500; n++) store.append(line(`${n}`))
  expect(notices).toHaveLength(1)
  expect(notices[0]).toContain(directory)
  const held = readAll(store, 'before')
  expect(held.length).toBeGreaterThan(10)
  expect(texts(held)).toEqual(Array.from({ length: held.length }, (_, n) => `${500 - held.length + n}`))
  expect(store.forgotten()).toEqual({ tour: 500 - held.length })
})

test('where the disk fills up what it took stays, and what could not be kept leaves one mark', () => {
  const notices: string[] = []
  const store = open({
    memoryBytes: 4000,
    blockBytes: 200,
    diskBytes: 38_400,
    onNotice: message => notices.push(message),
  })
  for (let n = 0; n < 100; n++) store.append(line(`${n}`))
  // The next file cannot be made.
  const files = readdirSync(directory).filter(name => name.startsWith('log-')).length
  writeFileSync(join(directory, `log-tour-${files + 1}.ndjson`), '')
  for (let n = 100; n < 2000; n++) store.append(line(`${n}`))
  expect(notices).toHaveLength(1)
  for (const way of ['after', 'before'] as const) {
    const held = readAll(store, way, 17)
    const at = held.findIndex(({ kind }) => kind === 'gap')
    expect(at).toBeGreaterThan(90)
    const lost = Number.parseInt(held[at]?.text ?? '', 10)
    expect(store.forgotten()).toEqual({ tour: lost })
    const numbers = Array.from({ length: 2000 }, (_, n) => `${n}`)
    numbers.splice(at, lost, `${lost} lines of tour could not be kept.`)
    expect(texts(held)).toEqual(numbers)
  }
})

test('a file that somebody took away leaves a mark', () => {
  const store = open({ memoryBytes: 1, blockBytes: 300, diskBytes: 19_200 })
  for (let n = 0; n < 60; n++) store.append(line(`${n}`))
  const files = readdirSync(directory).filter(name => name.startsWith('log-'))
  expect(files.length).toBeGreaterThan(4)
  rmSync(join(directory, 'log-tour-2.ndjson'))
  for (const way of ['before', 'after'] as const) {
    const all = readAll(store, way, 7)
    const gaps = all.filter(({ kind }) => kind === 'gap')
    expect(gaps.length).toBeGreaterThan(0)
    expect(gaps.every(({ text }) => /^\d+ lines of tour could not be kept\.$/.test(text))).toBe(true)
    const lost = gaps.reduce((total, { text }) => total + Number.parseInt(text, 10), 0)
    expect(store.forgotten()).toEqual({ tour: lost })
    expect(all.length - gaps.length + lost).toBe(60)
    expect(all.map(({ seq }) => seq)).toEqual(all.map(({ seq }) => seq).toSorted((a, b) => a - b))
  }
})

/** https://en.wikipedia.org/wiki/Linear_congruential_generator with the numbers of Numerical Recipes. */
function random(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

describe.each<readonly [string, Partial<LogStoreOptions>]>([
  ['all in memory', { blockBytes: 500 }],
  ['all on disk', { memoryBytes: 1, blockBytes: 500 }],
  ['some of each', { memoryBytes: 20_000, blockBytes: 700 }],
  ['a disk that forgets', { memoryBytes: 6_000, blockBytes: 300, diskBytes: 30_000 }],
  ['memory alone, that forgets', { directory: undefined, memoryBytes: 20_000, blockBytes: 300 }],
])('%s', (name, options) => {
  test.each([1, 2, 3])('against a plain list, seed %i', seed => {
    const pick = random(seed)
    const store = open(options)
    const all: LogLine[] = []
    const services = ['loud', 'tour', 'auth', null, 'quiet']
    const glyphs = ['a', '\n', '한', '🚀', '\ud800', '"', '\\', '\u001b']
    const held = (): readonly LogLine[] => {
      const left = { ...store.forgotten() }
      return all.filter(({ origin: { service = '' } }) => {
        const gone = left[service] ?? 0
        left[service] = gone - 1
        return gone <= 0
      })
    }
    for (let step = 0; step < 700; step++) {
      const service = pick(3) > 0 ? 'loud' : (services[pick(pick(20) === 0 ? 5 : 4)] ?? null)
      const text = Array.from(
        { length: pick(pick(50) === 0 ? 900 : 40) },
        () => glyphs[pick(glyphs.length)],
      ).join('')
      const given = line(text, service, { kind: pick(9) === 0 ? 'gap' : 'line' })
      all.push({ ...given, seq: all.length })
      store.append({ ...given, origin: { ...given.origin, restarts: 0 } })
      if (pick(15) !== 0) continue
      const model = held()
      expect(store.first).toBe(model[0]?.seq)
      expect(store.end).toBe(all.length)
      const wanted = services[pick(5)] ?? undefined
      const accept = pick(2) === 0 ? undefined : ({ origin }: LogLine) => origin.service === wanted
      const query = {
        limit: 1 + pick(60),
        budget: 1 + pick(200),
        ...(accept === undefined ? {} : { accept }),
      }
      const at = pick(all.length + 2)
      const forward = store.after(at, query)
      const reached = model.filter(({ seq }) => seq >= at && seq < forward.next)
      expect(forward.lines).toEqual(reached.filter(accept ?? (() => true)))
      expect(forward.done).toBe(!model.some(({ seq }) => seq >= Math.max(at, forward.next)))
      expect(forward.done || forward.lines.length === query.limit || reached.length === query.budget).toBe(
        true,
      )
      const backward = store.before(at, query)
      const passed = model.filter(({ seq }) => seq < at && seq >= backward.next)
      expect(backward.lines).toEqual(passed.filter(accept ?? (() => true)))
      expect(backward.done).toBe(!model.some(({ seq }) => seq < Math.min(at, backward.next)))
      expect(backward.done || backward.lines.length === query.limit || passed.length === query.budget).toBe(
        true,
      )
    }
    const model = held()
    expect(readAll(store, 'after', 37)).toEqual(model)
    expect(readAll(store, 'before', 41)).toEqual(model)
    expect(store.forgotten().quiet).toBeUndefined()
    const forgets = name.includes('forgets')
    expect((store.forgotten().loud ?? 0) > 0).toBe(forgets)
    store.close()
    if (options.directory !== undefined || !('directory' in options))
      expect(bytesOnDisk()).toBeLessThan((options.diskBytes ?? Number.POSITIVE_INFINITY) + 1500)
  })
})

test('a talkative sidecar pushes out no other pod’s lines', () => {
  const store = open({ memoryBytes: 4_000, blockBytes: 400, diskBytes: 40_000 })
  const of = (container: string) => ({ ...line('', null).origin, container })
  for (let n = 0; n < 40; n++) {
    store.append(line(`redis ${n}`, null, { origin: of('redis') }))
    for (let m = 0; m < 20; m++) store.append(line('x'.repeat(100), null, { origin: of('istio-proxy') }))
  }
  const all = readAll(store, 'after')
  expect(all.filter(({ origin }) => origin.container === 'redis')).toHaveLength(40)
  expect(store.forgotten()).toEqual({ '': 840 - all.length })
})

test('many services: whoever has less than its share loses nothing', () => {
  const store = open({ memoryBytes: 8_000, blockBytes: 400, diskBytes: 80_000 })
  const others = Array.from({ length: 8 }, (_, n) => `s${n}`)
  const small = others.flatMap(service =>
    Array.from({ length: 30 }, (_, n) => line(`${service} ${n}`, service)),
  )
  for (const one of small) {
    store.append(one)
    for (let n = 0; n < 20; n++) store.append(line('x'.repeat(100), 'loud'))
  }
  expect(Object.keys(store.forgotten())).toEqual(['loud'])
  const kept = readAll(store, 'after').filter(({ origin }) => origin.service !== 'loud')
  expect(texts(kept)).toEqual(texts(small.map((one, seq) => ({ ...one, seq }))))
})
