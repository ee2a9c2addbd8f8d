import { expect, test } from 'vitest'
import { compileIgnore, isIgnored } from './ignore.js'
import type { LogOrigin } from './log-line.js'
import { toLogLine } from './to-log-line.js'

const origin: LogOrigin = {
  service: 'tour',
  namespace: 'shop',
  pod: 'tour-0',
  podUid: 'uid',
  container: 'app',
  role: 'app',
  restarts: 2,
}
const now = Date.parse('2026-01-01T10:00:00.5Z')
const time = '2026-01-01T09:00:00.123456789Z'

test('what a store is given for each announcement', () => {
  const { service: _, ...other } = origin
  const own = { origin, time: '2026-01-01T10:00:00.500Z', text: 'x' }
  expect(toLogLine({ type: 'log', ...origin, time, text: 'x', ignored: true }, now)).toEqual({
    origin,
    kind: 'line',
    time,
    text: 'x',
  })
  expect(toLogLine({ type: 'log', ...other, time, text: 'x' }, now)?.origin).toEqual(other)
  expect(toLogLine({ type: 'log-gap', ...origin, message: 'x' }, now)).toEqual({ ...own, kind: 'gap' })
  expect(toLogLine({ type: 'log-mark', ...origin, message: 'x' }, now)).toEqual({ ...own, kind: 'divider' })
  expect(toLogLine({ type: 'notice', message: 'x' }, now)).toBeUndefined()
})

test.each([
  [['GET /healthz'], '10.0.0.1 GET /healthz 200', true],
  [['^GET'], '\u001b[32mGET\u001b[0m /', true],
  [['^GET'], 'a GET', false],
  [['x', '안녕$'], '부산 안녕', true],
  [[], 'x', false],
])('%o of %o', (patterns, text, expected) => {
  expect(isIgnored(compileIgnore(patterns), text)).toBe(expected)
})
