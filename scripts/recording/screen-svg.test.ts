import { describe, expect, test } from 'vitest'
import { screenRows } from './screen-cells.js'
import { screenSvg } from './screen-svg.js'

const ESC = '\u001b'

describe('reading a captured screen', () => {
  test.each([
    ['plain text', 'live', [{ text: 'live', column: 0, width: 4 }]],
    [
      'a colour and its end',
      `a${ESC}[32mok${ESC}[39mb`,
      [
        { text: 'a', column: 0, foreground: undefined },
        { text: 'ok', column: 1, foreground: '#3fb950' },
        { text: 'b', column: 3, foreground: undefined },
      ],
    ],
    [
      'wide characters take two columns',
      `투어${ESC}[1mx`,
      [
        { text: '투어', column: 0, width: 4 },
        { text: 'x', column: 4, bold: true },
      ],
    ],
    ['256 colours', `${ESC}[38;5;196mred`, [{ text: 'red', foreground: '#ff0000' }]],
    ['true colours', `${ESC}[48;2;1;2;3mx`, [{ background: '#010203' }]],
    ['several codes at once', `${ESC}[1;2;7mx`, [{ bold: true, dim: true, inverse: true }]],
    ['a reset in between', `${ESC}[1mx${ESC}[my`, [{ bold: true }, { bold: false }]],
  ])('%s', (_, text, expected) => {
    const [row = []] = screenRows(text)
    expect(row.map(({ style, ...run }) => ({ ...run, ...style }))).toMatchObject(expected)
    expect(row).toHaveLength(expected.length)
  })

  test('a style goes on in the next row', () => {
    const [, second] = screenRows(`${ESC}[31ma\nb`)
    expect(second?.[0]?.style.foreground).toBe('#ff7b72')
  })
})

test('the drawing has every text, escaped, in its place', () => {
  const svg = screenSvg(`<a> & b\n${ESC}[7mtour`, { columns: 20, rows: 2, title: 'a <screen>' })
  expect(svg).toContain('<title>a &lt;screen&gt;</title>')
  expect(svg).toContain('&lt;a&gt; &amp; b')
  expect(svg).toMatch(/<rect x="16" y="34" width="33.6" height="18" fill="#e6edf3"\/>/)
  expect(svg).toContain('width="200" height="68"')
})
