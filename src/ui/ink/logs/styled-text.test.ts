import { describe, expect, test } from 'vitest'
import { highlight, parseStyledText, plainText } from './styled-text.js'

const shown = (text: string, color = true) =>
  parseStyledText(text, color)
    .map(({ text, style }) => (style === '' ? text : `<${style}>${text}</>`))
    .join('')

describe('what a terminal would obey is taken out', () => {
  test.each<[string, string, string]>([
    ['cursor up and erase line', 'a\u001b[2A\u001b[2Kb', 'ab'],
    ['cursor position', '\u001b[1;1Hforged', 'forged'],
    ['clear screen', '\u001b[2J\u001b[3Jx', 'x'],
    ['alternate screen, private modes', '\u001b[?1049h\u001b[?25lx', 'x'],
    ['scroll region and reset', '\u001b[1;5rx\u001bcy', 'xy'],
    ['save, restore, reverse index', '\u001b7a\u001b8b\u001bMc', 'abc'],
    ['character sets', '\u001b(0lqqk\u001b(B', 'lqqk'],
    ['title with BEL', '\u001b]0;owned\u0007x', 'x'],
    ['title with ST', '\u001b]2;owned\u001b\\x', 'x'],
    ['link: its text stays', '\u001b]8;;https://evil\u001b\\click\u001b]8;;\u001b\\', 'click'],
    ['clipboard', '\u001b]52;c;cm0gLXJm\u0007x', 'x'],
    ['string that never ends hides nothing', 'a\u001b]0;secret', 'a0;secret'],
    ['device control string', '\u001bP1$r0m\u001b\\x', 'x'],
    ['application, privacy, start of string', '\u001b_a\u001b\\\u001b^b\u001b\\\u001bXc\u001b\\x', 'x'],
    ['C1 CSI', 'a\u009b2Jb', 'ab'],
    ['C1 OSC with C1 ST', 'a\u009d0;t\u009cb', 'ab'],
    ['other C1', 'a\u0085b\u008dc', 'abc'],
    ['query that would be answered into stdin', '\u001b[6n\u001b[c\u001b[>q', ''],
    ['bell, null, delete', 'a\u0007b\u0000c\u007fd', 'abcd'],
    ['backspaces do not overwrite', 'good\b\b\b\bevil', 'goodevil'],
    ['a carriage return does not overwrite', 'password\rforged', 'password forged'],
    ['vertical tab, form feed, line separators', 'a\u000bb\u000cc\u2028d\u2029e', 'a b c d e'],
    ['bidi overrides and isolates', 'a\u202eb\u2066c\u2069d\u200fe\u061cf', 'abcdef'],
    ['zero-width spaces, soft hyphen, BOM', 'a\u200bb\u00adc\ufeffd\u2060e', 'abcde'],
    ['escape at the end', 'a\u001b', 'a'],
    ['cut sequence at the end', 'a\u001b[31', 'a'],
    ['escape within a sequence', 'a\u001b[3\u001b[1mb', 'a<1>b</>'],
    ['line ends of the other letter m', '\u001b[>4;2mx\u001b[?4mx', 'xx'],
    ['lone surrogates', 'a\ud800b\udc00c', 'a\ufffdb\ufffdc'],
    ['tabs stay', 'a\tb', 'a\tb'],
    ['emoji joined and with variation stay whole', '👩‍💻 ❤️', '👩‍💻 ❤️'],
  ])('%s', (_name, text, expected) => {
    expect(shown(text)).toBe(expected)
    expect(plainText(text)).toBe(expected.replace(/<[\d;]+>|<\/>/g, ''))
  })
})

describe('colours and attributes of the program', () => {
  test.each<[string, string, string]>([
    ['colour until its reset', '\u001b[31mred\u001b[39m x', '<31>red</> x'],
    ['several at once', '\u001b[1;4;32mx\u001b[0my', '<1;4;32>x</>y'],
    ['no parameter is a reset', '\u001b[31ma\u001b[mb', '<31>a</>b'],
    ['bright and background', '\u001b[97;44mx', '<97;44>x</>'],
    ['256 colours', '\u001b[38;5;208mx', '<38;5;208>x</>'],
    [
      '24 bits, both ways of writing',
      '\u001b[38;2;1;2;3ma\u001b[48:2::4:5:6mb',
      '<38;2;1;2;3>a</><38;2;1;2;3;48;2;4;5;6>b</>',
    ],
    ['out of range', '\u001b[38;5;999mx', 'x'],
    ['hidden and blinking text is shown as text', '\u001b[8ma\u001b[5mb', 'ab'],
    ['curly underline is underline, its colour goes', '\u001b[4:3;58;5;1mx\u001b[4:0my', '<4>x</>y'],
    ['dim and bold end together', '\u001b[1;2ma\u001b[22mb', '<1;2>a</>b'],
    ['never closed', '\u001b[35mx', '<35>x</>'],
  ])('%s', (_name, text, expected) => {
    expect(shown(text)).toBe(expected)
  })

  test('without colour the attributes stay', () => {
    expect(shown('\u001b[1;31;44mbold\u001b[22m not', false)).toBe('<1>bold</> not')
  })
})

test.each<[string, RegExp, string]>([
  ['one span', /b/g, 'a<7>b</>c<31>de</>'],
  ['across spans', /cd/g, 'ab<7>c</><7>d</><31>e</>'],
  ['all of them', /[ae]/g, '<7>a</>bc<31>d</><7>e</>'],
  ['nothing', /x/g, 'abc<31>de</>'],
  ['an empty match marks nothing and ends', /x*/g, 'abc<31>de</>'],
])('highlight: %s', (_name, pattern, expected) => {
  const spans = highlight(parseStyledText('abc\u001b[31mde', true), pattern, '7')
  expect(spans.map(({ text, style }) => (style === '' ? text : `<${style}>${text}</>`)).join('')).toBe(
    expected,
  )
})
