import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { layOut, shorten } from './lay-out.js'
import { parseStyledText } from './styled-text.js'

const FAMILY = '👨‍👩‍👧'

describe('wrapped', () => {
  test.each<[string, string, number, readonly string[]]>([
    ['empty', '', 5, ['']],
    ['fits exactly', 'abcde', 5, ['abcde']],
    ['one more', 'abcdef', 5, ['abcde', 'f']],
    ['Korean is two cells wide and never cut', '가나다라', 5, ['가나', '다라']],
    ['mixed', 'a가b나c', 3, ['a가', 'b나', 'c']],
    ['joined emoji stay whole', `ab${FAMILY}c`, 3, ['ab', `${FAMILY}c`]],
    ['variation selector', 'ab❤️c', 3, ['ab', '❤️c']],
    ['flag', 'ab🇰🇷c', 3, ['ab', '🇰🇷c']],
    [
      'decomposed Hangul',
      '\u1112\u1161\u11ab\u1100\u1173\u11af',
      3,
      ['\u1112\u1161\u11ab', '\u1100\u1173\u11af'],
    ],
    ['combining marks', 'e\u0301e\u0301e\u0301', 2, ['e\u0301e\u0301', 'e\u0301']],
    ['a mark with nothing to stand on', '\u0301a', 2, ['a']],
    ['tab to the next stop', 'a\tb', 20, ['a       b']],
    ['tab ends with its row', 'abcdef\tb', 7, ['abcdef ', 'b']],
    ['tab after Korean', '가\tb', 20, ['가      b']],
    ['too wide for any row', '가a', 1, ['…', 'a']],
    ['line ends', 'ab\n\ncd', 5, ['ab', '', 'cd']],
    [
      'colour is closed and carried over',
      '\u001b[31mabcdef\u001b[0mgh',
      4,
      ['\u001b[31mabcd\u001b[0m', '\u001b[31mef\u001b[0mgh'],
    ],
  ])('%s', (_name, text, width, expected) => {
    const rows = layOut(parseStyledText(text, true), { width, wrap: true })
    expect(rows).toEqual(expected)
    for (const row of rows) expect(stringWidth(row)).toBeLessThanOrEqual(width)
  })
})

describe('cut', () => {
  const mark = (text: string) => text.replace(/[‹›]/g, '\u001b[2m$&\u001b[0m')
  test.each<[string, string, number, number, string]>([
    ['fits', 'abcde', 5, 0, 'abcde'],
    ['goes on to the right', 'abcdef', 5, 0, 'abcd›'],
    ['goes on in both directions', 'abcdefghij', 5, 3, '‹efg›'],
    ['the end', 'abcdefgh', 5, 3, '‹efgh'],
    ['wholly out of sight', 'ab', 5, 8, '‹'],
    ['nothing there', '', 5, 8, ''],
    ['Korean at the right edge', '가나다', 5, 0, '가나›'],
    ['Korean cut by the right edge', 'a가나다', 4, 0, 'a가›'],
    ['Korean through the left edge', '가나다', 4, 1, '‹나›'],
  ])('%s', (_name, text, width, left, expected) => {
    const rows = layOut(parseStyledText(text, true), { width, wrap: false, left })
    expect(rows).toEqual([mark(expected)])
    expect(stringWidth(rows[0] ?? '')).toBeLessThanOrEqual(width)
  })
})

test('no text whatever is wider than its pane', () => {
  const texts = [
    '가\u001b[1m나a\tb',
    `${FAMILY}${FAMILY}x`,
    'ｶﾞｶﾞ',
    '\u1100\u1100\u1161',
    'नमस्ते',
    'a\u0300'.repeat(9),
    '🏳️‍🌈🇰🇷1️⃣',
  ]
  for (const text of texts) {
    for (let width = 1; width < 12; width++) {
      for (const wrap of [true, false]) {
        for (let left = 0; left < (wrap ? 1 : 6); left++) {
          for (const row of layOut(parseStyledText(text.repeat(3), true), { width, wrap, left })) {
            expect(stringWidth(row), `${text} in ${width}, left ${left}`).toBeLessThanOrEqual(width)
          }
        }
      }
    }
  }
})

test.each<[string, number, string]>([
  ['checkout', 8, 'checkout'],
  ['checkout', 5, 'chec…'],
  ['주문서비스', 6, '주문…'],
  ['abc', 1, '…'],
  ['abc', 0, ''],
])('%s in %i cells', (text, cells, expected) => {
  expect(shorten(text, cells)).toBe(expected)
})
