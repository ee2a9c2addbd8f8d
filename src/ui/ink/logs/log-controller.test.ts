import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { createFakeClock, type FakeClock } from '../../../testing/fake-clock.js'
import { logLine, originOf } from '../../../testing/log-lines.js'
import { createMemoryLogStore, type MemoryLogStore } from '../../../testing/memory-log-store.js'
import type { LogController, LogControllerOptions, LogKey } from './api.js'
import { createLogController } from './log-controller.js'

interface Rig {
  readonly store: MemoryLogStore
  readonly clock: FakeClock
  readonly logs: LogController
  readonly draws: () => number
  add(...texts: readonly string[]): void
  /** Lets everything that waits happen. */
  settle(): Promise<void>
  keys(...keys: readonly (string | LogKey)[]): Promise<void>
  rows(): readonly string[]
}

function rig(height = 4, over: Partial<LogControllerOptions> & { readonly capacity?: number } = {}): Rig {
  const store = createMemoryLogStore(over.capacity)
  const clock = createFakeClock()
  const logs = createLogController({ store, clock, theme: { color: false }, ...over })
  let draws = 0
  logs.subscribe(() => draws++)
  logs.resize(40, height)
  const settle = async () => {
    await new Promise(resolve => setImmediate(resolve))
    while (clock.pending().length > 0) clock.advance(clock.pending()[0] ?? 0)
  }
  return {
    store,
    clock,
    logs,
    draws: () => draws,
    add: (...texts) => {
      for (const text of texts) store.append(logLine(text))
    },
    settle,
    async keys(...keys) {
      for (const key of keys) {
        if (typeof key === 'string') for (const input of key) logs.handleKey(input, {})
        else logs.handleKey('', key)
        await settle()
      }
    },
    rows: () => logs.snapshot().rows.map(row => stripVTControlCharacters(row).replace(/^api +/, '')),
  }
}

const numbered = (count: number, from = 1) => Array.from({ length: count }, (_, at) => `line ${from + at}`)
const lines = (from: number, to: number) => numbered(to - from + 1, from)

describe('following and scrolling', () => {
  test('the newest lines are on the screen, as they come', async () => {
    const it = rig()
    it.add(...numbered(3))
    await it.settle()
    expect(it.rows()).toEqual(lines(1, 3))
    it.add(...numbered(7, 4))
    await it.settle()
    expect(it.rows()).toEqual(lines(7, 10))
    expect(it.logs.snapshot().status).toMatchObject({ follow: true, newLines: 0 })
  })

  test('scrolling up stops following and counts what comes; the end follows again', async () => {
    const it = rig()
    it.add(...numbered(10))
    await it.settle()
    await it.keys({ upArrow: true }, 'k')
    expect(it.rows()).toEqual(lines(5, 8))
    it.add(...numbered(3, 11))
    await it.settle()
    expect(it.rows()).toEqual(lines(5, 8))
    expect(it.logs.snapshot().status).toMatchObject({ follow: false, newLines: 3 })
    await it.keys('G')
    expect(it.rows()).toEqual(lines(10, 13))
    expect(it.logs.snapshot().status).toMatchObject({ follow: true, newLines: 0 })
  })

  test.each<[string, readonly (string | LogKey)[], readonly string[]]>([
    ['page up', [{ pageUp: true }], lines(14, 17)],
    ['half a page up, a line down', [{ pageUp: true }, 'j'], lines(15, 18)],
    [
      'page up and down is where it was',
      [{ pageUp: true }, { pageUp: true }, { pageDown: true }],
      lines(14, 17),
    ],
    ['beyond the beginning', ['bbbbbbbbbbbb'], lines(1, 4)],
    ['top', ['g'], lines(1, 4)],
    ['top, then down', ['gjj'], lines(3, 6)],
    ['home and end', [{ home: true }, { end: true }], lines(17, 20)],
    ['down at the end follows', ['kkjjj'], lines(17, 20)],
    ['F stops where it is', ['F'], lines(17, 20)],
  ])('%s', async (_name, keys, expected) => {
    const it = rig()
    it.add(...numbered(20))
    await it.settle()
    await it.keys(...keys)
    expect(it.rows()).toEqual(expected)
  })

  test('every line of a long log can be reached from the end to the beginning and back', async () => {
    const it = rig(10)
    it.add(...numbered(3000))
    await it.settle()
    const seen = new Set(it.rows())
    for (let page = 0; !seen.has('line 1') && page < 400; page++) {
      await it.keys({ pageUp: true })
      for (const row of it.rows()) seen.add(row)
    }
    expect(seen.size).toBe(3000)
    for (let page = 0; !it.logs.snapshot().status.follow && page < 400; page++)
      await it.keys({ pageDown: true })
    expect(it.rows()).toEqual(lines(2991, 3000))
  })

  test('wrapped lines are scrolled row by row', async () => {
    const it = rig(3)
    it.add('a'.repeat(36 * 2 + 1), 'b')
    await it.settle()
    expect(it.rows().map(row => row.trim())).toEqual(['a'.repeat(36), 'a', 'b'])
    await it.keys('k')
    expect(it.rows().map(row => row.trim())).toEqual(['a'.repeat(36), 'a'.repeat(36), 'a'])
  })

  test('the screen stays full when it grows or the lines get shorter', async () => {
    const it = rig(4)
    it.add(...numbered(20))
    await it.settle()
    await it.keys('k')
    it.logs.resize(40, 8)
    await it.settle()
    expect(it.rows()).toEqual(lines(13, 20))
  })

  test('lines that the store forgot are passed over', async () => {
    const it = rig(4, { capacity: 10 })
    it.add(...numbered(30))
    await it.settle()
    await it.keys('g')
    expect(it.rows()).toEqual(lines(21, 24))
  })
})

describe('search', () => {
  const haystack = () => numbered(100).map((text, at) => (at % 10 === 4 ? `${text} needle` : text))

  test('goes to the newest match, then up and down, and around', async () => {
    const it = rig(5)
    it.add(...haystack())
    await it.settle()
    await it.keys('/needle', { return: true })
    const at = () => it.logs.snapshot().status.search
    expect(at()).toMatchObject({ at: 10, total: 10, searching: false })
    expect(it.rows()).toContain('line 95 needle')
    await it.keys('N')
    expect(at()).toMatchObject({ at: 9 })
    expect(it.rows()[2]).toBe('line 85 needle')
    await it.keys('nn')
    expect(at()).toMatchObject({ at: 1 })
    expect(it.rows()).toContain('line 5 needle')
    await it.keys('N')
    expect(at()).toMatchObject({ at: 10 })
    await it.keys({ escape: true })
    expect(at()).toBeUndefined()
  })

  test.each<[string, string, number]>([
    ['text of either case', 'NEEDLE'.toLowerCase(), 10],
    ['a capital means it', 'Needle', 0],
    ['a regex', '/line [1-3]5 /', 3],
    ['a regex without regard to case', '/NEEDLE$/i', 10],
    ['dots are dots', 'l.ne', 0],
  ])('%s', async (_name, typed, total) => {
    const it = rig(5)
    it.add(...haystack())
    await it.settle()
    await it.keys(`/${typed}`, { return: true })
    expect(it.logs.snapshot().status.search).toMatchObject({ total, searching: false })
  })

  test('takes a slice of many lines at a time, and answers keys in between', async () => {
    const it = rig(5)
    it.add('needle', ...numbered(20_000))
    await it.settle()
    for (const input of '/needle') it.logs.handleKey(input, {})
    const before = it.store.looked
    it.logs.handleKey('', { return: true })
    expect(it.store.looked - before).toBeLessThanOrEqual(2000)
    expect(it.logs.snapshot().status.search).toMatchObject({ searching: true, total: 0 })
    it.logs.handleKey('k', {})
    expect(it.store.looked - before).toBeLessThanOrEqual(4000 + 5)
    await it.settle()
    expect(it.logs.snapshot().status.search).toMatchObject({ searching: false, total: 1, at: 1 })
    expect(it.rows()).toContain('needle')
  })

  test('what comes later counts, too', async () => {
    const it = rig(5)
    it.add('needle', 'hay')
    await it.settle()
    await it.keys('/needle', { return: true })
    it.add('hay', 'needle')
    await it.settle()
    expect(it.logs.snapshot().status.search).toMatchObject({ at: 1, total: 2 })
    await it.keys('n')
    expect(it.logs.snapshot().status.search).toMatchObject({ at: 2, total: 2 })
  })

  test('a bad regex is told, and typing mends it', async () => {
    const it = rig()
    it.add('a(b')
    await it.settle()
    await it.keys('/', '/(/', { return: true })
    expect(it.logs.snapshot().status.input?.problem).toMatch(/Invalid regular expression/)
    await it.keys({ backspace: true }, { backspace: true }, '\\(/', { return: true })
    expect(it.logs.snapshot().status).not.toHaveProperty('input')
  })
})

describe('filter', () => {
  test('only matching lines, also new ones, and none is looked at twice while following', async () => {
    const it = rig(3)
    it.add(...numbered(500))
    await it.settle()
    await it.keys('&/0$/', { return: true })
    expect(it.rows()).toEqual(['line 480', 'line 490', 'line 500'])
    const before = it.store.looked
    it.add(...numbered(20, 501))
    await it.settle()
    expect(it.rows()).toEqual(['line 500', 'line 510', 'line 520'])
    expect(it.store.looked - before).toBe(20)
    await it.keys({ escape: true })
    expect(it.rows()).toEqual(lines(518, 520))
  })

  test('few of very many lines are found in slices', async () => {
    const it = rig(3)
    it.add('rare', ...numbered(10_000))
    await it.settle()
    await it.keys('&rare', { return: true })
    expect(it.rows()).toEqual(['rare'])
    it.add(...numbered(9000), 'rare too', ...numbered(9000))
    await it.settle()
    expect(it.rows()).toEqual(['rare', 'rare too'])
  })

  test('the level key, over JSON and text', async () => {
    const it = rig(6)
    it.add('{"level":30,"msg":"a"}', '{"level":50,"msg":"b"}', 'WARN c', '[info] d', 'plain', 'ERROR: e')
    await it.settle()
    await it.keys('LL')
    expect(it.rows()).toEqual(['ERROR b', 'WARN c', 'ERROR: e'])
    expect(it.logs.snapshot().status.chips).toEqual(['level>=warn'])
  })

  test('a paused view keeps its place when the filter is taken away', async () => {
    const it = rig(3)
    it.add(...numbered(100))
    await it.settle()
    await it.keys('&/0$/', { return: true }, 'kkk', { escape: true })
    expect(it.rows()).toEqual(['line 50', 'line 51', 'line 52'])
  })

  test('lines that the config ignores are hidden until asked for', async () => {
    const it = rig(3, { ignore: [/GET \/healthz/g] })
    it.add('a', 'GET /healthz 200', 'GET /healthz 200', 'b')
    await it.settle()
    expect(it.rows()).toEqual(['a', 'b'])
    await it.keys('i')
    expect(it.rows()).toEqual(['GET /healthz 200', 'GET /healthz 200', 'b'])
  })
})

describe('selection', () => {
  const mixed = () => {
    const it = rig(6)
    it.store.append(logLine('own'))
    it.store.append(logLine('proxy', originOf('api', { container: 'proxy', role: 'sidecar' })))
    it.store.append(logLine('migrate', originOf('api', { container: 'migrate', role: 'init' })))
    it.store.append(logLine('other', originOf('cart')))
    return it
  }
  const texts = (it: Rig) => it.rows().map(row => row.split(' ').at(-1))

  test('own containers, then all, then one service', async () => {
    const it = mixed()
    await it.settle()
    expect(texts(it)).toEqual(['own', 'other'])
    await it.keys('c')
    expect(texts(it)).toEqual(['own', 'proxy', 'migrate', 'other'])
    it.logs.select({ services: ['api'], containers: ['proxy'] })
    await it.settle()
    expect(texts(it)).toEqual(['proxy'])
    it.logs.select({ pods: ['uid-cart-6d4cf56db6-x2k9z'] })
    await it.settle()
    expect(texts(it)).toEqual(['other'])
  })
})

describe('cost', () => {
  test('idle means no timer at all; redraws for new lines are at least 100 ms apart', async () => {
    const it = rig()
    it.add('a')
    await it.settle()
    expect(it.clock.pending()).toEqual([])
    const before = it.draws()
    for (let at = 0; at < 100; at++) {
      it.add(`b${at}`)
      await new Promise(resolve => setImmediate(resolve))
      it.clock.advance(10)
    }
    expect(it.draws() - before).toBeLessThanOrEqual(11)
    await it.settle()
    expect(it.rows().at(-1)).toBe('b99')
    expect(it.clock.pending()).toEqual([])
  })

  test('following a flood looks at a screenful, not at all of it', async () => {
    const it = rig(4)
    it.add('a')
    await it.settle()
    const before = it.store.looked
    it.add(...numbered(50_000))
    await it.settle()
    expect(it.store.looked - before).toBeLessThanOrEqual(8)
    expect(it.rows()).toEqual(lines(49_997, 50_000))
  })

  test('what is not shown does not redraw; after the end nothing is left', async () => {
    const it = rig()
    it.add(...numbered(10))
    await it.settle()
    it.logs.select({ services: ['api'] })
    await it.settle()
    const before = it.draws()
    it.store.append(logLine('x', originOf('cart')))
    await it.settle()
    expect(it.draws()).toBe(before)
    it.logs.dispose()
    expect(it.store.listeners).toBe(0)
    expect(it.clock.pending()).toEqual([])
  })

  test('relative times age once a second, and only they', async () => {
    const it = rig()
    it.add('a')
    await it.settle()
    await it.keys('t')
    expect(it.clock.pending()).toEqual([])
    it.logs.handleKey('t', {})
    expect(it.clock.pending()).toEqual([1000])
  })
})

test('keys that came together while the program was busy are taken one by one', async () => {
  const it = rig()
  it.add(...numbered(20))
  await it.settle()
  expect(it.logs.handleKey('kkk', {})).toBe(true)
  await it.settle()
  expect(it.rows()).toEqual(lines(14, 17))
  it.logs.handleKey('/linx\u007fe 3\rk', {})
  await it.settle()
  expect(it.logs.state).toMatchObject({ search: 'line 3', input: undefined })
})

test('what was seen is not new: neither at the top nor at a match', async () => {
  const it = rig()
  it.add(...numbered(30))
  await it.settle()
  await it.keys('g')
  expect(it.logs.snapshot().status.newLines).toBe(0)
  await it.keys('G', '/line 7', { return: true })
  expect(it.logs.snapshot().status).toMatchObject({ follow: false, newLines: 0 })
})

test('keys that are not the view’s are left to others; while one types all are taken but Ctrl-C', () => {
  const it = rig()
  expect(it.logs.handleKey('x', {})).toBe(false)
  expect(it.logs.handleKey('', { return: true })).toBe(false)
  expect(it.logs.handleKey('', { escape: true })).toBe(false)
  it.logs.handleKey('/', {})
  expect(it.logs.handleKey('q', {})).toBe(true)
  expect(it.logs.handleKey('', { tab: true })).toBe(true)
  expect(it.logs.handleKey('c', { ctrl: true })).toBe(false)
  expect(it.logs.state.input?.text).toBe('q')
})
