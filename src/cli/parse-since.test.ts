import { expect, test } from 'vitest'
import { parseSince } from './parse-since.js'

const NOW = Date.parse('2026-02-01T12:00:00Z')

test.each([
  ['90s', '2026-02-01T11:58:30.000Z'],
  ['5m', '2026-02-01T11:55:00.000Z'],
  ['1h30m', '2026-02-01T10:30:00.000Z'],
  ['2d', '2026-01-30T12:00:00.000Z'],
  ['0.5h', '2026-02-01T11:30:00.000Z'],
  ['2026-01-31', '2026-01-31T00:00:00.000Z'],
  ['2026-01-31T08:00:00+09:00', '2026-01-30T23:00:00.000Z'],
  ['2026-01-31T08:00:00.123456789Z', '2026-01-31T08:00:00.123Z'],
])('%s is %s', (text, time) => {
  expect(new Date(parseSince(text, NOW) ?? 0).toISOString()).toBe(time)
})

test.each(['', '5', 'm5', '5 m', '5w', 'yesterday', '2026-13-01', '-5m', '12'])('%j is no time', text => {
  expect(parseSince(text, NOW)).toBeUndefined()
})
