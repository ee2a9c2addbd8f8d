import stringWidth from 'string-width'
import { afterEach, describe, expect, it } from 'vitest'
import type { Intent } from '../../../core/intent.js'
import type { State } from '../../../core/state.js'
import { createFakeClock } from '../../../testing/fake-clock.js'
import { logLine, originOf } from '../../../testing/log-lines.js'
import { createMemoryLogStore } from '../../../testing/memory-log-store.js'
import { KEYS, renderInk } from '../../../testing/render-ink.js'
import { uiStates } from '../../../testing/ui-states.js'
import { createLogController } from '../logs/log-controller.js'
import { App } from './app.js'
import { createAppController } from './controller.js'
import { createScreenMaker } from './screen-maker.js'
import { createTheme } from './theme.js'
import { throttledSource } from './throttled-source.js'

const ended: (() => void)[] = []
afterEach(() => {
  for (const end of ended.splice(0)) end()
})

/** The application on a terminal that is not there, with a session that only remembers what it was asked. */
function open(first: State, { columns = 80, rows = 24, color = false } = {}) {
  const clock = createFakeClock(9_000)
  const store = createMemoryLogStore()
  for (const service of ['auth', 'tour']) store.append(logLine(`${service} listens`, originOf(service)))
  const logs = createLogController({ store, clock, theme: { color }, services: Object.keys(first.services) })
  let state = first
  const listeners = new Set<() => void>()
  const asked: Intent[] = []
  const did: string[] = []
  const session = {
    getState: () => state,
    subscribe: (listener: () => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    act: (intent: Intent) => {
      asked.push(intent)
    },
    prune: (keys: readonly string[]) => {
      did.push(`prune ${keys.join(' ')}`)
    },
  }
  const states = throttledSource(
    { get: session.getState, subscribe: session.subscribe },
    { clock, interval: 50 },
  )
  const urls = () => ({ tour: 'http://tour.xyz/' })
  const screen = createScreenMaker({ clock, urls, hosts: of => of.hosts })
  let dimensions = { columns, rows }
  const sizes = new Set<() => void>()
  const size = {
    get: () => dimensions,
    subscribe: (listener: () => void) => {
      sizes.add(listener)
      return () => sizes.delete(listener)
    },
  }
  const controller = createAppController({
    session,
    logs,
    urls,
    screen: ui => screen(state, ui, dimensions),
    actions: {
      quit: ({ down }) => did.push(down ? 'quit and down' : 'quit'),
      openUrl: async url => {
        did.push(`open ${url}`)
        return { ok: true, message: `opened ${url}` }
      },
      shell: async service => {
        did.push(`shell ${service}`)
        return { ok: false, message: 'no pod of it runs' }
      },
    },
  })
  const props = { states, size, controller, logs, screen, color, clock, theme: createTheme({ color }) }
  const ink = renderInk(<App {...props} />, { columns, rows })
  ended.push(ink.unmount, controller.dispose, logs.dispose, states.dispose)
  return {
    ...ink,
    clock,
    asked,
    did,
    draws: () => ink.draws,
    become: (next: State) => {
      state = next
      for (const listener of listeners) listener()
    },
    shrink: (to: { columns: number; rows: number }) => {
      dimensions = to
      ink.resize(to.columns, to.rows)
      for (const listener of sizes) listener()
    },
  }
}

describe('the application', () => {
  const sizes = [
    [60, 15],
    [80, 24],
    [120, 40],
  ] as const
  const cases = Object.keys(uiStates).flatMap(name =>
    sizes.map(([columns, rows]) => [name as keyof typeof uiStates, columns, rows] as const),
  )
  it.each(cases)('draws %s at %i×%i, no row too wide and none too many', (name, columns, rows) => {
    const frame = open(uiStates[name](), { columns, rows }).frame()
    const drawn = frame.split('\n')
    expect(drawn.length).toBeLessThanOrEqual(rows - 1)
    for (const row of drawn) expect(stringWidth(row)).toBeLessThanOrEqual(columns)
    expect(drawn[0]).toMatch(/^shop on /)
    expect(drawn.at(-1)).toContain('q quit')
  })

  it('shows the logs of all services, and of one after enter', async () => {
    const app = open(uiStates.live())
    await app.waitFor(frame => frame.includes('auth listens') && frame.includes('tour listens'))
    await app.press('j', KEYS.enter)
    const frame = await app.waitFor(shown => shown.includes('logs  tour') && !shown.includes('auth listens'))
    expect(frame).toContain('tour listens')
    await app.press(KEYS.escape)
    await app.waitFor(shown => shown.includes('logs  of all') && shown.includes('auth listens'))
  })

  it('hears of what happens at most twenty times a second, and sets no timer while nothing moves', async () => {
    const app = open(uiStates.asFound())
    expect(app.clock.pending().filter(wait => wait < 1000)).toEqual([])
    app.become(uiStates.failedBuild())
    await app.waitFor(frame => frame.includes('the build failed'))
    const before = app.draws()
    for (let at = 0; at < 100; at++) app.become(at % 2 === 0 ? uiStates.live() : uiStates.crash())
    expect(app.clock.pending().filter(wait => wait <= 50)).toHaveLength(1)
    expect(app.draws() - before).toBeLessThanOrEqual(1)
    app.clock.advance(50)
    await app.waitFor(frame => frame.includes('crashes again and again'))
  })

  it('follows the size of the terminal', async () => {
    const app = open(uiStates.live(), { columns: 120, rows: 40 })
    app.shrink({ columns: 60, rows: 15 })
    const frame = await app.waitFor(shown => shown.split('\n').length <= 14)
    for (const row of frame.split('\n')) expect(stringWidth(row)).toBeLessThanOrEqual(60)
    app.shrink({ columns: 50, rows: 12 })
    await app.waitFor(shown => shown.includes('50×12 is small'))
  })

  it('has no colour where none is wanted', () => {
    const app = open(uiStates.failedBuild(), { color: false })
    expect(app.styledFrame()).not.toMatch(/\u001b\[(?:3\d|4\d|9\d|10\d|38|48)[;m]/)
    expect(open(uiStates.failedBuild(), { color: true }).styledFrame()).toContain('\u001b[31m')
  })
})

describe('keys', () => {
  const tour = { service: 'tour' } as const
  it.each<readonly [string, keyof typeof uiStates, readonly string[], readonly Intent[], readonly string[]]>([
    ['b rebuilds', 'live', ['j', 'b'], [{ type: 'rebuild', ...tour }], []],
    ['d redeploys', 'live', ['j', 'd'], [{ type: 'redeploy', ...tour }], []],
    ['r restarts', 'live', ['j', 'r'], [{ type: 'restart', ...tour }], []],
    ['p pauses', 'live', ['j', 'p'], [{ type: 'pause', ...tour }], []],
    ['p resumes what is paused', 'paused', ['j', 'p'], [{ type: 'resume', ...tour }], []],
    ['0 asks, and does nothing unless it is said', 'live', ['j', '0', KEYS.enter, 'n'], [], []],
    ['0 scales to zero after yes', 'live', ['j', '0', 'y'], [{ type: 'scale-to-zero', ...tour }], []],
    ['0 scales back at once', 'scaledToZero', ['j', '0'], [{ type: 'scale-back', ...tour }], []],
    ['R rolls back after yes', 'crash', ['j', 'R', 'y'], [{ type: 'rollback', ...tour }], []],
    [
      'R acts on the problem while that has the keys',
      'crash',
      [KEYS.tab, 'R', 'y'],
      [{ type: 'rollback', ...tour }],
      [],
    ],
    ['R does nothing where there is nothing to go back to', 'asFound', ['j', 'R', 'y'], [], []],
    [
      'several that come at once meet what the one before left',
      'live',
      ['jr'],
      [{ type: 'restart', ...tour }],
      [],
    ],
    ['o opens the browser', 'live', ['j', 'o'], [], ['open http://tour.xyz/']],
    ['s opens a shell', 'live', ['j', 's'], [], ['shell tour']],
    ['q quits', 'live', ['q'], [], ['quit']],
    ['Ctrl-C quits', 'live', [KEYS.ctrlC], [], ['quit']],
    ['Ctrl-C quits while a question is open', 'live', ['D', KEYS.ctrlC], [], ['quit']],
    ['D quits and takes down after yes', 'live', ['D', 'y'], [], ['quit and down']],
    ['D does not without', 'live', ['D', KEYS.escape], [], []],
    ['letters of a search are no commands', 'live', ['/', 'q', 'r', 'D'], [], []],
    ['nothing acts on a service while only logs are shown', 'live', ['l', 'r', 'b'], [], []],
    ['nothing acts on a service while the help is read', 'live', ['?', 'r', 'b'], [], []],
  ])('%s', async (_, state, keys, asked, did) => {
    const app = open(uiStates[state]())
    await app.press(...keys)
    expect(app.asked).toEqual(asked)
    expect(app.did).toEqual(did)
  })

  it('show panels, and escape closes them', async () => {
    const app = open(uiStates.crash())
    await app.press('?')
    await app.waitFor(frame => frame.includes('The selected service'))
    await app.press(KEYS.escape, 'e')
    await app.waitFor(frame => frame.includes('warnings about auth'))
    await app.press('h')
    await app.waitFor(frame => frame.includes('names on this machine'))
    await app.press('h', 'l')
    await app.waitFor(frame => !frame.includes('services 3') && frame.includes('✗ deployment/tour'))
  })

  it('escape undoes a filter of the logs from whichever pane it was set', async () => {
    const app = open(uiStates.live())
    await app.press('&', 'busan', KEYS.enter)
    await app.waitFor(frame => /filter|busan/.test(frame))
    await app.press(KEYS.escape)
    await app.waitFor(frame => !frame.includes('busan'))
  })

  it('tell in the last row what came of it', async () => {
    const app = open(uiStates.live())
    await app.press('j', 's')
    await app.waitFor(frame => frame.includes('no pod of it runs'))
    await app.press('k')
    await app.waitFor(frame => !frame.includes('no pod of it runs'))
  })

  it('open the whole problem and scroll it', async () => {
    const app = open(uiStates.failedBuild())
    await app.press(KEYS.tab, KEYS.enter)
    await app.waitFor(frame => !frame.includes('services 3') && frame.includes('npm error code 2'))
    await app.press('g')
    await app.waitFor(frame => frame.includes('compiling part 1'))
  })
})
