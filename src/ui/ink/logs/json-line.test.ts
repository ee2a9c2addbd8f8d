import { expect, test } from 'vitest'
import { jsonSpans, levelStyle, parseJsonLine } from './json-line.js'
import { LOG_LEVELS } from './log-level.js'

const shown = (text: string, time = false) => {
  const line = parseJsonLine(text)
  if (line === undefined) return undefined
  return jsonSpans(line, { color: true, time })
    .map(({ text, style }) => (style === '' ? text : `<${style}>${text}</>`))
    .join('')
}

test.each<[string, unknown, string]>([
  [
    'pino',
    { level: 30, time: 1772368215123, pid: 7, hostname: 'x', msg: 'hello', reqId: 'a1' },
    '<32>INFO </> hello<2>  reqId=a1 pid=7 hostname=x</>',
  ],
  [
    'pino with an error',
    {
      level: 50,
      time: 1,
      err: { type: 'TypeError', message: 'no', stack: 'TypeError: no\n    at f (a.js:1:2)' },
      msg: 'no',
    },
    '<31>ERROR</> no<2>\nTypeError: no\n    at f (a.js:1:2)</>',
  ],
  [
    'winston, coloured',
    { level: '\u001b[32minfo\u001b[39m', message: 'up', timestamp: 'T', port: 80 },
    '<32>INFO </> up<2>  port=80</>',
  ],
  [
    'bunyan',
    { name: 'shop', hostname: 'h', pid: 1, level: 60, msg: 'bye', time: 'T', v: 0 },
    '<1;31>FATAL</> bye<2>  name=shop hostname=h pid=1 v=0</>',
  ],
  [
    'logback, logstash encoder',
    {
      '@timestamp': 'T',
      '@version': '1',
      message: 'slow',
      logger_name: 'com.shop.Stock',
      level: 'WARN',
      level_value: 30000,
    },
    '<33>WARN </> slow<2>  logger_name=com.shop.Stock @version=1 level_value=30000</>',
  ],
  [
    'logback with a stack',
    { level: 'ERROR', message: 'failed', stack_trace: 'java.lang.Error: x\n\tat a.B.c(B.java:1)\n' },
    '<31>ERROR</> failed<2>\njava.lang.Error: x\n\tat a.B.c(B.java:1)</>',
  ],
  [
    'zap',
    { level: 'dpanic', ts: 1.5, caller: 'a/b.go:3', msg: 'x' },
    '<1;31>FATAL</> x<2>  caller=a/b.go:3</>',
  ],
  [
    'structlog',
    { event: 'login', level: 'debug', user: 'kim min' },
    '<2>DEBUG</> login<2>  user="kim min"</>',
  ],
  ['no message', { a: 1, b: null, c: [1, { d: 'e' }] }, '<2>a=1 b=null c=[1,{"d":"e"}]</>'],
  ['a level of its own', { level: 5, msg: 'x' }, 'x<2>  level=5</>'],
  ['Korean', { msg: '주문 완료', 고객: '김민수' }, '주문 완료<2>  고객=김민수</>'],
  ['a message in several rows', { msg: 'a\nb\n', n: 1 }, 'a\nb<2>  n=1</>'],
  [
    'control sequences in message, key and value',
    { msg: 'a\u001b[2Jb', 'k\u001b]0;t\u0007': 'v\u009b2J\u202ee' },
    'ab<2>  k="ve"</>',
  ],
  ['nothing', {}, ''],
])('%s', (_name, value, expected) => {
  expect(shown(JSON.stringify(value))).toBe(expected)
})

test('the line’s own time is a field where no times are shown', () => {
  expect(shown('{"ts":1.5,"msg":"x"}', true)).toBe('x<2>  ts=1.5</>')
})

test.each(['{"msg":"cut', '{"a":1} trailing', '[1,2]', '"text"', '{a:1}', '{}x}', 'null', ''])(
  'not JSON: %s',
  text => {
    expect(parseJsonLine(text)).toBeUndefined()
  },
)

test('every level has a style that is neither black nor white, and none is a colour without colour', () => {
  for (const level of LOG_LEVELS) {
    expect(levelStyle(level, true)).not.toMatch(/\b(30|37|90|97)\b/)
    expect(levelStyle(level, false)).not.toMatch(/\d\d/)
  }
})
