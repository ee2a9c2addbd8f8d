import stringWidth from 'string-width'
import { afterEach, describe, expect, test } from 'vitest'
import { createFakeClock } from '../../../testing/fake-clock.js'
import { logLine, originOf } from '../../../testing/log-lines.js'
import { createMemoryLogStore, type MemoryLogStore } from '../../../testing/memory-log-store.js'
import { KEYS, type RenderedInk, renderInk } from '../../../testing/render-ink.js'
import type { LogController } from './api.js'
import { createLogController } from './log-controller.js'
import { LogPane } from './log-pane.js'
import { LogScreen } from './log-screen.js'

const ended: (() => void)[] = []
afterEach(() => {
  for (const end of ended.splice(0)) end()
})

interface Shown {
  readonly screen: RenderedInk
  readonly logs: LogController
  readonly store: MemoryLogStore
  readonly settle: () => Promise<void>
}

function controller(color: boolean) {
  const store = createMemoryLogStore()
  const clock = createFakeClock(Date.parse('2026-03-01T12:31:00Z'))
  const logs = createLogController({
    store,
    clock,
    theme: { color },
    services: ['api', 'cart', '주문서비스'],
    utcOffset: 0,
  })
  const settle = async () => {
    await new Promise(resolve => setImmediate(resolve))
    while ((clock.pending()[0] ?? 1000) < 1000) clock.advance(clock.pending()[0] ?? 0)
  }
  return { store, logs, settle }
}

function pane(columns: number, rows: number, color = false): Shown {
  const made = controller(color)
  const screen = renderInk(<LogPane controller={made.logs} width={columns} height={rows} />, {
    columns,
    rows: rows + 1,
  })
  ended.push(screen.unmount, made.logs.dispose)
  return { ...made, screen }
}

const SECOND_POD = { pod: 'api-6d4cf56db6-zz9zz', podUid: 'uid-2' }

function fill(store: MemoryLogStore): void {
  store.append(logLine('listening on 8080'))
  store.append(
    logLine(
      '{"level":30,"time":1772368215123,"pid":1,"msg":"request done","status":200,"path":"/cart/7"}',
      originOf('cart'),
    ),
  )
  store.append(logLine('주문을 받았습니다 🚀 order=1', originOf('주문서비스')))
  store.append(
    logLine('\u001b[31mred\u001b[0m \u001b]0;title\u0007and \u001b[2Jplain', originOf('api', SECOND_POD)),
  )
  store.append(logLine('restart 2, exit code 1', originOf('cart'), { kind: 'divider' }))
  store.append(
    logLine(
      '{"level":"error","message":"no stock","err":{"message":"gone","stack":"Error: gone\\n    at take (stock.js:1:1)","code":7}}',
      originOf('cart'),
    ),
  )
}

describe.each([
  [60, 10],
  [80, 15],
  [120, 30],
])('%i×%i', (columns, rows) => {
  test('frame', async () => {
    const { screen, store, settle } = pane(columns, rows)
    fill(store)
    await settle()
    expect(screen.frame()).toMatchSnapshot()
    for (const row of screen.styledFrame().split('\n')) expect(stringWidth(row)).toBeLessThanOrEqual(columns)
  })

  test('frame with times, long lines and wrap off', async () => {
    const { screen, store, logs, settle } = pane(columns, rows)
    fill(store)
    for (let at = 1; at < 20; at++)
      store.append(logLine(`long ${at} ${'가나 '.repeat(at * 2)}`, originOf('cart')))
    logs.dispatch({ type: 'toggle', what: 'timestamps' })
    logs.dispatch({ type: 'toggle', what: 'wrap' })
    await settle()
    expect(screen.frame()).toMatchSnapshot()
    expect(screen.frame().split('\n')).toHaveLength(rows)
  })
})

test('colours: the sources’, the program’s, the search’s; every row closed in itself', async () => {
  const { screen, store, logs, settle } = pane(60, 6, true)
  store.append(logLine('plain \u001b[31mred'))
  store.append(logLine('next', originOf('cart')))
  await settle()
  logs.dispatch({ type: 'open-input', kind: 'search' })
  logs.dispatch({ type: 'edit', text: 'ex' })
  logs.dispatch({ type: 'submit' })
  await settle()
  expect(screen.styledFrame().split('\n').slice(0, 2)).toEqual([
    '\u001b[36mapi\u001b[39m  plain \u001b[31mred\u001b[39m',
    '\u001b[35mcart\u001b[39m n\u001b[30m\u001b[43mex\u001b[49m\u001b[39mt',
  ])
})

test('raw: what the program wrote, and nothing beside it', async () => {
  const { screen, store, logs, settle } = pane(60, 6)
  fill(store)
  logs.dispatch({ type: 'toggle', what: 'raw' })
  logs.dispatch({ type: 'toggle', what: 'timestamps' })
  await settle()
  const rows = screen.frame().split('\n')
  expect(rows).toContain('red and plain')
  expect(rows.join('')).toContain('{"level":"error","message":"no stock","err":{"message":"gone",')
})

describe('the screen of devloop logs', () => {
  const show = (columns: number, rows: number) => {
    const made = controller(false)
    let quits = 0
    const screen = renderInk(
      <LogScreen
        controller={made.logs}
        theme={{ color: false }}
        sources={['api', 'cart', '주문서비스']}
        title="shop on kind-dev"
        onQuit={() => quits++}
      />,
      { columns, rows },
    )
    ended.push(screen.unmount, made.logs.dispose)
    return { ...made, screen, quits: () => quits }
  }

  test('search, filter, services, help, resize, quit, all by keys', async () => {
    const { screen, store, settle, quits } = show(60, 12)
    fill(store)
    await settle()
    expect(screen.frame()).toMatchSnapshot()

    await screen.press('/', 'd', 'o', 'n', 'e')
    await settle()
    await screen.waitFor(frame => /^\/done$/m.test(frame))
    await screen.press(KEYS.enter)
    await settle()
    await screen.waitFor(frame => frame.includes('/done 1/1'))

    await screen.press(KEYS.escape, '&', 'level>=error', KEYS.enter)
    await settle()
    await screen.waitFor(frame => frame.includes('[level>=error]') && !frame.includes('listening'))

    await screen.press(KEYS.escape, KEYS.tab)
    await settle()
    await screen.waitFor(frame => frame.includes('[api]') && !frame.includes('request done'))
    await screen.press(KEYS.shiftTab)
    await settle()
    await screen.waitFor(frame => frame.includes('request done'))

    await screen.press('?')
    await screen.waitFor(frame => /\/ +search text or \/regex\//.test(frame))
    await screen.press('q')
    await screen.waitFor(frame => frame.includes('request done'))
    expect(quits()).toBe(0)

    screen.resize(80, 8)
    await settle()
    await screen.waitFor(frame => frame.split('\n').length === 7)

    await screen.press('/', 'q', KEYS.escape)
    expect(quits()).toBe(0)
    await screen.press('q', KEYS.ctrlC)
    expect(quits()).toBe(2)
  })
})
