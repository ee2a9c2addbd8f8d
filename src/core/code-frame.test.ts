import { expect, test } from 'vitest'
import { codeFrame } from './code-frame.js'

const at = (line: number, column: number, endColumn: number, endLine = line) => ({
  line,
  column,
  endLine,
  endColumn,
})

test.each([
  ['a word', 'a: 1\nimage: x\n', at(2, 1, 6), ['   2 | image: x', '     | ^^^^^']],
  ['several lines', 'a:\n  b:   \n  c: 1\n', at(2, 3, 4, 3), ['   2 |   b:   ', '     |   ^^']],
  ['an empty range', 'abc', at(1, 4, 4), ['   1 | abc', '     |    ^']],
  ['a line past the end', 'abc', at(9, 3, 5), ['   9 | ', '     | ^']],
  ['CRLF', 'a: 1\r\nb: 2\r\n', at(2, 4, 9), ['   2 | b: 2', '     |    ^']],
  ['a tab', '\tkey: 1', at(1, 2, 5), ['   1 | \tkey: 1', '     | \t^^^']],
  ['wide characters', '투어: 값 x', at(1, 5, 6), ['   1 | 투어: 값 x', '     |       ^^']],
  ['an escape sequence', 'a\u001b[31m: 1', at(1, 1, 2), ['   1 | a\uFFFD[31m: 1', '     | ^']],
  ['a byte order mark', '\uFEFFabc', at(1, 1, 4), ['   1 | abc', '     | ^^^']],
])('%s', (_name, text, range, lines) => {
  expect(codeFrame(text, range)).toBe(lines.join('\n'))
})

test('a long line is cut around the range, and the marker moves with it', () => {
  const text = `${'x'.repeat(500)}KEY${'y'.repeat(500)}`
  const [source = '', marker = ''] = codeFrame(text, at(1, 501, 504)).split('\n')
  expect(source.length).toBeLessThan(135)
  expect(source.slice(marker.indexOf('^'), marker.lastIndexOf('^') + 1)).toBe('KEY')
  expect(source).toMatch(/^ {3}1 \| …x+KEYy+…$/)
})
