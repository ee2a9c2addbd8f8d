import stringWidth from 'string-width'
import { cleanText } from '../clean-text.js'

/** Columns that a text takes in a terminal: Korean and emoji take two for each character. */
export function widthOf(text: string): number {
  return isNarrow(text) ? text.length : stringWidth(text)
}

/** Text of any origin as one line that a terminal only shows: no control sequences, no tabs, no line ends. */
export function oneLine(text: string): string {
  return cleanText(text).replace(/\t/g, '  ').replace(/\n/g, ' ')
}

/** The text, or its beginning with `…` where it is wider than that many columns. */
export function cutEnd(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  return columns < 1 ? '' : `${takeStart(text, columns - 1)}…`
}

/** The text, or its two ends with `…` between: of a long name both matter. */
export function cutMiddle(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  if (columns < 3) return cutEnd(text, columns)
  const start = takeStart(text, Math.ceil((columns - 1) / 2))
  return `${start}…${takeEnd(text, columns - 1 - widthOf(start))}`
}

/** The text with spaces behind it up to that many columns; a wider one is cut in the middle. */
export function padEnd(text: string, columns: number): string {
  const cut = cutMiddle(text, columns)
  return cut + ' '.repeat(Math.max(0, columns - widthOf(cut)))
}

/** As many characters as fit into so many columns; a wide one that would stand over the edge is left out. */
export function takeStart(text: string, columns: number): string {
  if (isNarrow(text)) return text.slice(0, Math.max(0, columns))
  return take(graphemesOf(text), columns).join('')
}

function takeEnd(text: string, columns: number): string {
  if (isNarrow(text)) return columns <= 0 ? '' : text.slice(-columns)
  return take(graphemesOf(text).reverse(), columns).reverse().join('')
}

function take(graphemes: readonly string[], columns: number): string[] {
  const taken: string[] = []
  let left = columns
  for (const grapheme of graphemes) {
    left -= stringWidth(grapheme)
    if (left < 0) break
    taken.push(grapheme)
  }
  return taken
}

const graphemesOf = (text: string): string[] =>
  [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment)

/** Letters, lines and marks that are one column and one code unit each: to know that of nearly every text saves most of the cost of a frame. */
const NARROW = /^[\u0020-\u007e\u00b7\u2026\u2190-\u2193\u2500-\u257f\u25b8\u2713\u2717\u2800-\u28ff]*$/

const isNarrow = (text: string): boolean => NARROW.test(text)

/** Lines of at most so many columns, broken at spaces where there are some. */
export function wrapText(text: string, columns: number): readonly string[] {
  const lines: string[] = []
  let rest = text
  while (widthOf(rest) > columns && columns > 0) {
    const head = takeStart(rest, columns)
    const space = head.lastIndexOf(' ')
    const at = space > columns / 2 ? space : head.length
    if (at === 0) break
    lines.push(rest.slice(0, at))
    rest = rest.slice(rest[at] === ' ' ? at + 1 : at)
  }
  return [...lines, rest]
}
