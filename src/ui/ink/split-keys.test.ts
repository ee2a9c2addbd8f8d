import { expect, test } from 'vitest'
import { splitKeys } from './split-keys.js'

const ESC = '\u001b'

test.each<readonly [string, string, readonly string[]]>([
  ['letters', 'jjG', ['j', 'j', 'G']],
  ['a tab between letters', '\tG', ['\t', 'G']],
  ['arrows', `${ESC}[A${ESC}[B`, [`${ESC}[A`, `${ESC}[B`]],
  ['a letter and shift-tab', `G${ESC}[Z`, ['G', `${ESC}[Z`]],
  ['keys with parameters', `${ESC}[5~${ESC}[1;5Cq`, [`${ESC}[5~`, `${ESC}[1;5C`, 'q']],
  ['the application keypad', `${ESC}OP${ESC}OA`, [`${ESC}OP`, `${ESC}OA`]],
  ['Alt with a letter', `${ESC}bq`, [`${ESC}b`, 'q']],
  ['escape alone', ESC, [ESC]],
  ['escape twice', `${ESC}${ESC}`, [ESC, ESC]],
  ['escape and an arrow', `${ESC}${ESC}[A`, [`${ESC}${ESC}[A`]],
  ['Korean and emoji', '안녕🚀', ['안', '녕', '🚀']],
  ['control characters', '\u0003\r', ['\u0003', '\r']],
  ['a paste', 'x'.repeat(65), ['x'.repeat(65)]],
  ['nothing', '', []],
])('%s', (_, text, keys) => {
  expect(splitKeys(text)).toEqual(keys)
  expect(splitKeys(text).join('')).toBe(text)
})
