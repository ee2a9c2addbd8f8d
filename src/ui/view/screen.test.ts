import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import type { HostsReport } from '../../core/hosts/hosts-report.js'
import type { State } from '../../core/state.js'
import { uiStates } from '../../testing/ui-states.js'
import { rememberImages } from './image-saves.js'
import { showKey } from './key-names.js'
import { keymap } from './keymap.js'
import { rowText } from './row.js'
import { screenOf } from './screen.js'
import { initialUi, type UiState } from './ui-state.js'

const hosts: HostsReport = {
  file: '/etc/hosts',
  names: [
    {
      name: 'tour.xyz',
      wantedBy: ['ingress/tour in k8s/ingress.yaml:3'],
      address: '127.0.0.1',
      resolvesTo: [],
      state: 'missing',
      line: '127.0.0.1 tour.xyz',
    },
    {
      name: 'localhost',
      wantedBy: ['hosts in dev.config.yaml'],
      address: '127.0.0.1',
      resolvesTo: ['127.0.0.1'],
      state: 'ok',
    },
  ],
  lines: ['127.0.0.1 tour.xyz'],
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

const SIZES = [
  [60, 15],
  [80, 24],
  [120, 40],
  [200, 60],
] as const

function shown(
  state: State,
  {
    columns = 80,
    rows = 24,
    ui = {},
    now = 9_000,
  }: { columns?: number; rows?: number; ui?: Partial<UiState>; now?: number } = {},
) {
  const input = {
    state,
    saves: rememberImages({}, state),
    ui: { ...initialUi, ...ui },
    size: { columns, rows },
    now,
    urls: {},
    hosts,
  }
  const screen = screenOf(input)
  const texts = [...screen.above, ...screen.below].map(rowText)
  return { ...screen, texts, text: texts.join('\n') }
}

const PANELS: readonly Partial<UiState>[] = [
  {},
  { panel: 'help' },
  { panel: 'hosts' },
  { panel: 'events' },
  { panel: 'timings', selected: 'service/tour' },
  { logsOnly: true },
  { pane: 'problems', problemOnly: true },
  {
    confirm: {
      question: 'Scale a service with a long name to zero pods, really?',
      effect: { type: 'quit', down: true },
    },
  },
  { message: { text: `tour: ${'부산 '.repeat(60)}`, isBad: false } },
  { selected: 'service/tour', scroll: 1000 },
]

describe('every row is as wide as the screen, and all of them fit', () => {
  const cases = Object.entries(uiStates).flatMap(([name, make]) =>
    SIZES.map(([columns, rows]) => [name, columns, rows, make] as const),
  )
  it.each(cases)('%s at %i×%i', (_, columns, rows, make) => {
    const state = make()
    for (const ui of PANELS) {
      const screen = shown(state, { columns, rows, ui })
      expect(screen.texts.map(text => stringWidth(text)).filter(width => width !== columns)).toEqual([])
      expect(screen.texts.length + screen.logs).toBe(rows - 1)
    }
  })

  it.each([
    [59, 15],
    [60, 14],
    [20, 5],
    [10, 3],
    [1, 1],
  ])('on a terminal of %i×%i, which is too small', (columns, rows) => {
    for (const make of Object.values(uiStates)) {
      const screen = shown(make(), { columns, rows })
      expect(screen.texts.every(text => stringWidth(text) === columns)).toBe(true)
      expect(screen.texts.length).toBeLessThanOrEqual(Math.max(1, rows - 1))
      expect(screen.logs).toBe(0)
    }
  })
})

describe('the header answers whether the last save is live', () => {
  it.each<readonly [keyof typeof uiStates, RegExp]>([
    ['starting', /starting: 0 of 3 live/],
    ['asFound', /✓ nothing saved yet; the tree as found is live/],
    ['building', /save 1 \(tour: main\.go\) → tour building 4\.0 s/],
    ['live', /✓ save 1 \(tour: main\.go\) is live · \d/],
    ['failedBuild', /✗ save 1 \(tour: main\.go\) failed: tour: the build failed at/],
    ['crash', /✗ save 1 \(tour: main\.go\) is failing: deployment\/tour in shop/],
    ['noServices', /✓ no services/],
    ['paused', /✓ nothing saved yet; the tree as found is live/],
    ['rolledBack', /save 1 \(tour: main\.go\) → tour rolled back to the tree as found/],
    ['korean', /save 1 \(tour: 문서\/부산 여행 안내서\.md\)/],
  ])('%s', (name, expected) => {
    const state = uiStates[name]()
    const since = Object.values(state.services).flatMap(({ build }) =>
      build.kind === 'building' ? [build.startedAt] : [],
    )[0]
    expect(shown(state, { columns: 120, now: (since ?? 5000) + 4000 }).texts[1]).toMatch(expected)
  })

  it('counts the services that are live, also while a problem is open', () => {
    expect(shown(uiStates.failedBuild()).texts[0]).toMatch(
      /shop on kind-dev v1\.34\.0 · watching +2\/3 live$/,
    )
  })

  it('says loudly that the connection is lost', () => {
    expect(shown(uiStates.clusterLost()).texts[0]).toMatch(/kind-dev {2}CONNECTION LOST .*3\/3 live$/)
  })
})

describe('the table of services', () => {
  it('shows the way of each, its pods, and the save that they run', () => {
    const { text } = shown(uiStates.live(), { columns: 120, rows: 40 })
    expect(text).toMatch(/▸✓ auth +1\/1 +as found → live/)
    expect(text).toMatch(/ ✓ tour +1\/1 +save 1 → .*live \d/)
    expect(text).toMatch(/└ tour-1-xyz +1\/1 {2}Running/)
    expect(text).toMatch(/- 2 other workloads, 2 ready/)
    expect(text).toMatch(/deployment\/mysql +1\/1 +ready/)
  })

  it.each<readonly [keyof typeof uiStates, RegExp]>([
    ['paused', /‖ tour .*live · paused/],
    ['scaledToZero', /○ tour .*scaled to zero/],
    ['rolledBack', /↺ tour .*rolled back to the tree as found/],
    ['crash', /✗ tour .*failing · live: as found/],
    ['failedBuild', /✗ tour .*save 1 → failed/],
  ])('marks what is %s', (name, expected) => {
    expect(shown(uiStates[name](), { columns: 120, rows: 40 }).text).toMatch(expected)
  })

  it('keeps the selected of 30 services in sight', () => {
    const state = uiStates.manyServices()
    for (const at of ['01', '15', '30'])
      expect(shown(state, { ui: { selected: `service/service-${at}` } }).text).toContain(`▸✓ service-${at}`)
    expect(shown(state).text).toMatch(/\d+ rows more/)
  })

  it('cuts long names in the middle', () => {
    expect(shown(uiStates.longNames()).text).toMatch(/a-service-wit…\S*uld-type/)
  })

  it('says that there are none', () => {
    expect(shown(uiStates.noServices()).text).toContain('services 0')
  })

  it('folds the other workloads', () => {
    const { text } = shown(uiStates.live(), { columns: 120, rows: 40, ui: { folded: true } })
    expect(text).toContain('+ 2 other workloads, 2 ready')
    expect(text).not.toContain('mysql')
  })
})

describe('a problem stays in sight', () => {
  it('of a build: the failing step, the end of its output, and what to do', () => {
    const { text } = shown(uiStates.failedBuild())
    expect(text).toContain('✗ tour: the build failed at "RUN npm run build"')
    expect(text).toContain('since save 1 (main.go)')
    expect(text).toContain('npm error code 2')
    expect(text).toMatch(/… \d+ lines above/)
  })

  it('of a crash: cause, exit code, last lines, and the save that brought it', () => {
    const { text } = shown(uiStates.crash(), { columns: 120, rows: 40, ui: { selected: 'service/tour' } })
    expect(text).toContain('container tour crashes again and again')
    expect(text).toContain('(exit code 1: the program reported an error)')
    expect(text).toContain('Error: connect ECONNREFUSED 10.96.0.12:3306')
    expect(text).toContain('since save 1 (main.go) · 3 restarts · it may still recover')
    expect(text).toContain('R roll back')
    expect(text).toContain('tab to it and its keys')
  })

  it('of a crash: its cause above the stack, and its keys when it has the focus', () => {
    const { text } = shown(uiStates.crash(), { rows: 18, ui: { pane: 'problems' } })
    expect(text).toContain('  Error: connect ECONNREFUSED 10.96.0.12:3306')
    expect(text).toMatch(/R roll back {2}r restart {2}l logs {2}e events/)
  })

  it('of the config: the code frame', () => {
    const { text } = shown(uiStates.configError())
    expect(text).toContain('2 | servces:')
    expect(text).toContain('did you mean "services"?')
  })

  it('and can be scrolled and opened whole', () => {
    const state = uiStates.failedBuild()
    expect(shown(state).text).not.toContain('compiling part 5 ')
    const whole = shown(state, { rows: 60, ui: { pane: 'problems', problemOnly: true } })
    expect(whole.text).toContain('compiling part 5 ')
    expect(whole.logs).toBe(0)
    const scrolled = shown(state, { ui: { pane: 'problems', problemOnly: true, scroll: 1000 } })
    expect(scrolled.text).toContain('compiling part 1 ')
  })

  it('also where there are only logs', () => {
    expect(shown(uiStates.crash(), { ui: { logsOnly: true } }).text).toContain('✗ deployment/tour in shop')
  })
})

describe('what saves take', () => {
  const ui = { selected: 'service/tour' }

  it('stands below the selected service, with what would help', () => {
    const { texts } = shown(uiStates.timed(), { columns: 120, rows: 40, ui })
    const at = texts.findIndex(text => text.startsWith('▸✓ tour'))
    expect(texts[at + 1]).toMatch(
      /^ {4}p50\/p95 {2}scan 12\/40 ms {2}build 310\/420 ms {2}load 280\/460 ms {2}apply 21\/30 ms {2}rollout 34\.0\/35\.2 s {2}total 34\.7\/36\.0 s *$/,
    )
    expect(texts[at + 2]).toMatch(/^ {4}→ rollout 34 s: the initial delay .* is 30 s of that/)
    expect(texts[at + 3]).toMatch(/└ tour-1-xyz/)
  })

  it('leaves out the quickest stages on the smallest screen', () => {
    const { texts } = shown(uiStates.timed(), { columns: 60, rows: 15, ui })
    expect(texts.find(text => text.includes('p50/p95'))?.trimEnd()).toBe(
      '    p50/p95  rollout 34.0/35.2 s  total 34.7/36.0 s',
    )
    expect(texts.find(text => text.includes('→ rollout'))).toMatch(/the initial delay.*…$/)
  })

  it.each([
    ['another service', { selected: 'service/auth' }],
    ['no service', { selected: 'fold' }],
  ])('is not there with %s selected', (_, other) => {
    expect(shown(uiStates.timed(), { columns: 120, rows: 40, ui: other }).text).not.toContain('p50/p95')
  })

  it('is there whole in its panel, all advice in full', () => {
    const { text } = shown(uiStates.timed(), { rows: 40, ui: { ...ui, panel: 'timings' } })
    expect(text).toContain('what saves of tour take')
    expect(text).toMatch(/p50 +p95 +the last 5 saves/)
    expect(text).toMatch(/build +310 ms +420 ms/)
    const flat = text.replace(/\s+/g, ' ')
    expect(flat).toContain('waits no longer than the program takes')
    expect(flat).toContain('→ context 1.2 GB in 40213 files, 96 % of it node_modules: add node_modules to')
    expect(flat).toContain('unless the image takes it from here')
  })

  it('of which nothing is known is said to be so', () => {
    const { text } = shown(uiStates.live(), { ui: { ...ui, panel: 'timings' } })
    expect(text).toContain('no save of it has become live yet')
  })
})

describe('panels', () => {
  it('hosts: how each name resolves, the exact line and the command', () => {
    const { text } = shown(uiStates.live(), { ui: { panel: 'hosts' } })
    expect(text).toContain('✗ tour.xyz')
    expect(text).toContain('resolves to nothing, must be 127.0.0.1')
    expect(text).toContain('/etc/hosts lacks:')
    expect(text).toContain('    127.0.0.1 tour.xyz')
    expect(text).toContain('devloop hosts apply')
  })

  it('a chip in the footer says that a name is missing', () => {
    expect(shown(uiStates.live()).texts.at(-1)).toContain('h hosts: 1 missing')
  })

  it('help: every key, also on the smallest screen by scrolling', () => {
    const { text } = shown(uiStates.live(), { columns: 120, rows: 60, ui: { panel: 'help' } })
    for (const { help, keys } of keymap)
      expect(text).toMatch(new RegExp(`${escaped(showKey(keys[0] ?? ''))}.*${escaped(help.slice(0, 30))}`))
    expect(
      shown(uiStates.live(), { columns: 60, rows: 15, ui: { panel: 'help' } }).facts.scrollLimit,
    ).toBeGreaterThan(10)
  })

  it('a question takes the footer', () => {
    const effect = { type: 'quit', down: true } as const
    expect(shown(uiStates.live(), { ui: { confirm: { question: 'Sure?', effect } } }).texts.at(-1)).toMatch(
      /^Sure\? y yes {2}n no/,
    )
  })
})

describe('nothing moves unless something is under way', () => {
  it.each<readonly [keyof typeof uiStates, boolean]>([
    ['live', false],
    ['asFound', false],
    ['failedBuild', false],
    ['paused', false],
    ['clusterLost', false],
    ['starting', true],
    ['building', true],
  ])('%s', (name, expected) => {
    expect(shown(uiStates[name]()).isMoving).toBe(expected)
  })
})
