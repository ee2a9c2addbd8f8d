import { expect, test } from 'vitest'
import { logLine } from '../../../testing/log-lines.js'
import { acceptLine } from './accept-line.js'
import { parseFilter } from './line-filter.js'
import { textLevel } from './log-level.js'
import { INITIAL_LOG_VIEW } from './log-view.js'

const JSON_WARN = '{"level":40,"msg":"slow query","table":"orders"}'

test.each<[string, string, boolean]>([
  ['', 'anything', true],
  ['Timeout', 'timeout', false],
  ['timeout', 'a TIMEOUT of b', true],
  ['a.b', 'axb', false],
  ['two words', 'words, two', true],
  ['"two words"', 'words, two', false],
  ['"two words"', 'two words', true],
  ['!healthz', 'GET /healthz', false],
  ['!healthz GET', 'GET /cart', true],
  ['/GET \\/v\\d/', 'GET /v1', true],
  ['/get \\/v\\d/', 'GET /v1', false],
  ['/get \\/v\\d/i cart', 'GET /v1/cart', true],
  ['!/^GET/', 'GET /', false],
  ['level>=warn', JSON_WARN, true],
  ['level >= warn', JSON_WARN, true],
  ['level>=error', JSON_WARN, false],
  ['level<warn', JSON_WARN, false],
  ['level=warning', JSON_WARN, true],
  ['level>=info level<=warn slow', JSON_WARN, true],
  ['level>=warn', 'no level here', false],
  ['level>=warn', '\u001b[33mWARN\u001b[0m coloured', true],
  ['table=orders', JSON_WARN, true],
  ['"table":"orders"', JSON_WARN, true],
  ['red', '\u001b[31mr\u001b[32med', true],
  ['/', 'a/b', true],
  ['주문', '주문 완료', true],
])('%s over %s: %s', (filter, text, expected) => {
  const accept = acceptLine({ ...INITIAL_LOG_VIEW, filter })
  expect(accept({ ...logLine(text), seq: 0 })).toBe(expected)
})

test.each<[string, RegExp]>([
  ['/(/', /Invalid regular expression/],
  ['level>=loud', /no level is called loud: trace, debug/],
  ['level>fatal', /no level is above fatal/],
  ['level<trace', /no level is below trace/],
])('%s is told to be wrong', (typed, told) => {
  const parsed = parseFilter(typed, { terms: true })
  expect(parsed.ok ? '' : parsed.error).toMatch(told)
})

test('a search is one text, whatever is in it', () => {
  const parsed = parseFilter('level>=warn !a', { terms: false })
  expect(parsed.ok && parsed.value.terms.map(({ pattern, not }) => [pattern.source, not])).toEqual([
    ['level>=warn !a', false],
  ])
})

test('rules between lines are shown whatever the level, and filtered by text', () => {
  const rule = { ...logLine('restart 2, exit code 1', undefined, { kind: 'divider' }), seq: 0 }
  expect(acceptLine({ ...INITIAL_LOG_VIEW, level: 'error' })(rule)).toBe(true)
  expect(acceptLine({ ...INITIAL_LOG_VIEW, filter: 'timeout' })(rule)).toBe(false)
  expect(acceptLine({ ...INITIAL_LOG_VIEW, filter: 'restart' })(rule)).toBe(true)
})

test.each<[string, string | undefined]>([
  ['[ERROR] x', 'error'],
  ['2026-03-01 12:30:15,123 WARN  [main] com.shop.Stock - x', 'warn'],
  ['2026-03-01T12:30:15Z INFO x', 'info'],
  ['info: x', 'info'],
  ['time="T" level=warning msg="x"', 'warn'],
  ['ts=T lvl=dbug msg=x', 'debug'],
  ['E0301 12:30:15.123456       1 main.go:1] x', 'error'],
  ['CRITICAL:root:x', 'fatal'],
  ['<notice> x', 'info'],
  ['[2026-03-01 12:30:15 +0000] [7] [INFO] Booting', 'info'],
  ['    at take (stock.js:1:1)', 'error'],
  ['Caused by: java.io.IOException: x', 'error'],
  ['java.lang.IllegalStateException: x', 'error'],
  ['no error so far', undefined],
  ['Information about errors', undefined],
  ['GET /error 200', undefined],
  ['', undefined],
])('level of %s', (text, level) => {
  expect(textLevel(text)).toBe(level)
})
