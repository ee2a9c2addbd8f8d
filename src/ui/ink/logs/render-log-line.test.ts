import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import type { LogOrigin } from '../../../core/logs/log-line.js'
import { logLine, originOf } from '../../../testing/log-lines.js'
import { relativeTime } from './log-times.js'
import { type LineOptions, renderLogLine } from './render-log-line.js'
import { createSourceColors, sourceLabels } from './source-labels.js'

const OPTIONS: LineOptions = {
  width: 40,
  wrap: true,
  left: 0,
  raw: false,
  color: true,
  timestamps: 'off',
  now: Date.parse('2026-03-01T12:31:00Z'),
  utcOffset: 9 * 60,
  labelWidth: 6,
}
const SOURCE = { label: 'api', style: '36', current: false }

test.each<[string, string, Partial<LineOptions>, readonly string[]]>([
  ['name and text', 'hello', {}, ['\u001b[36mapi\u001b[0m    hello']],
  ['no colour', '\u001b[31mhello', { color: false }, ['api    hello']],
  ['a time of the zone', 'x', { timestamps: 'local', width: 80 }, ['21:30:15.123 api    x']],
  ['narrow panes leave out its fraction', 'x', { timestamps: 'local' }, ['21:30:15 api    x']],
  ['how long ago', 'x', { timestamps: 'relative' }, [' 44s api    x']],
  ['rows below are indented', 'a'.repeat(40), {}, [`api    ${'a'.repeat(33)}`, `       ${'a'.repeat(7)}`]],
  ['raw is as wide as the pane', 'a'.repeat(41), { raw: true, timestamps: 'local' }, ['a'.repeat(40), 'a']],
  ['raw JSON is as it was written', '{"msg":"x"}', { raw: true }, ['{"msg":"x"}']],
  ['too narrow for names', 'hello', { width: 20 }, ['hello']],
  ['broken JSON is as it was written', '{"msg":"x', {}, ['api    {"msg":"x']],
])('%s', (_name, text, over, expected) => {
  const options = { ...OPTIONS, ...over }
  const source = options.color && expected[0]?.startsWith('\u001b') ? SOURCE : { ...SOURCE, style: '' }
  const rows = renderLogLine({ ...logLine(text), seq: 0 }, options, source)
  expect(options.timestamps === 'off' ? rows : rows.map(stripVTControlCharacters)).toEqual(expected)
  for (const row of rows) expect(stringWidth(row)).toBeLessThanOrEqual(options.width)
})

test.each([
  ['divider', '\u001b[2m── api · restart 2, exit code 1 ──\u001b[0m'],
  ['gap', '\u001b[2m┄┄ api · restart 2, exit code 1 ┄┄\u001b[0m'],
] as const)('%s', (kind, expected) => {
  const line = { ...logLine('restart 2, \u001b[2Jexit code 1', undefined, { kind }), seq: 0 }
  expect(renderLogLine(line, OPTIONS, SOURCE)).toEqual([expected])
})

test('neither a name nor a rule can be forged by the names of things', () => {
  const evil = { ...SOURCE, label: 'a\u001b]0;t\u0007\u202eb' }
  expect(
    renderLogLine({ ...logLine('x'), seq: 0 }, { ...OPTIONS, color: false }, { ...evil, style: '' }),
  ).toEqual(['ab     x'])
})

describe('names of sources', () => {
  const label = (origins: readonly LogOrigin[], cells?: number) => {
    const labels = sourceLabels(origins.map((origin, seq) => ({ ...logLine('x', origin), seq })))
    return origins.map(origin => labels.label(origin, cells))
  }
  const other = { pod: 'api-6d4cf56db6-zz9zz', podUid: '2' }
  test.each<[string, readonly LogOrigin[], number | undefined, readonly string[]]>([
    ['a service', [originOf('api'), originOf('cart')], undefined, ['api', 'cart']],
    [
      'several pods',
      [originOf('api'), originOf('api', other), originOf('cart')],
      undefined,
      ['api x2k9z', 'api zz9zz', 'cart'],
    ],
    [
      'several containers',
      [originOf('api'), originOf('api', { container: 'worker' })],
      undefined,
      ['api/app', 'api/worker'],
    ],
    ['a sidecar alone', [originOf('api', { container: 'proxy', role: 'sidecar' })], undefined, ['api/proxy']],
    [
      'shortened, the pod stays',
      [originOf('recommendations'), originOf('recommendations', { ...other, pod: 'r-zz9zz' })],
      12,
      ['recom… x2k9z', 'recom… zz9zz'],
    ],
    ['very short', [originOf('recommendations')], 5, ['reco…']],
    ['Korean', [originOf('주문서비스')], 7, ['주문서…']],
  ])('%s', (_name, origins, cells, expected) => {
    expect(label(origins, cells)).toEqual(expected)
  })

  test('a pod of no service goes by its name', () => {
    const { service: _none, ...origin } = originOf('api', { pod: 'redis-0' })
    expect(label([origin])).toEqual(['redis-0'])
  })

  test('neighbours have different colours, which do not depend on who speaks first', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    const there = createSourceColors(names)
    const back = createSourceColors(names)
    const colors = names.map(name => there(originOf(name)))
    expect(
      names
        .toReversed()
        .map(name => back(originOf(name)))
        .toReversed(),
    ).toEqual(colors)
    for (const [at, color] of colors.entries()) expect(color).not.toBe(colors[at + 1])
    for (const color of colors) expect(['30', '31', '37', '90', '91', '97']).not.toContain(color)
  })
})

test.each<[number, string]>([
  [0, 'now'],
  [59_000, '59s'],
  [60_000, '1m'],
  [7_199_000, '1h'],
  [200_000_000, '2d'],
])('%i ms ago: %s', (ago, expected) => {
  const at = Date.parse('2026-03-01T12:00:00Z')
  expect(relativeTime('2026-03-01T12:00:00Z', at + ago)).toBe(expected)
})
