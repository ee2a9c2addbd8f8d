import { expect, test } from 'vitest'
import { causeLine } from './cause-line.js'

test.each<readonly [string, readonly string[], string | undefined]>([
  [
    'Node: the error above its stack',
    [
      'file:///app/main.js:1',
      "throw new Error('no config')",
      '      ^',
      '',
      'Error: no config',
      '    at file:///app/main.js:1:7',
      '',
      'Node.js v20.20.2',
    ],
    'Error: no config',
  ],
  [
    'Node: an error with a code',
    ["Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'express'", '    at x'],
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'express'",
  ],
  [
    'Java: the innermost cause',
    [
      'Exception in thread "main" java.lang.IllegalStateException: start failed',
      '\tat A.main(A.java:1)',
      'Caused by: java.lang.RuntimeException: wrapped',
      'Caused by: java.net.ConnectException: Connection refused',
      '\t... 3 more',
    ],
    'Caused by: java.net.ConnectException: Connection refused',
  ],
  [
    'Python: the last line of a traceback',
    ['Traceback (most recent call last):', '  File "/app/main.py", line 1', "KeyError: 'DATABASE_URL'"],
    "KeyError: 'DATABASE_URL'",
  ],
  ['Go: a panic', ['panic: no route', '', 'goroutine 1 [running]:'], 'panic: no route'],
  [
    'JSON lines, by level',
    ['{"level":30,"msg":"listening"}', '{"level":60,"msg":"the database is gone"}'],
    'the database is gone',
  ],
  ['a plain word of it', ['starting', '[error] bind() failed'], '[error] bind() failed'],
  ['nothing that says so', ['starting', 'done'], undefined],
  ['a name that only contains the word', ['ErrorHandler registered'], undefined],
  ['no lines', [], undefined],
])('%s', (_, lines, expected) => {
  expect(causeLine(lines)).toBe(expected)
})
