import stringWidth from 'string-width'
import type { Span } from './styled-text.js'

export interface LayOutOptions {
  /** Cells of a row, at least 1. */
  readonly width: number
  readonly wrap: boolean
  /** Cells that are out of sight on the left, where `wrap` is off. */
  readonly left?: number
}

/** Programs expect tab stops every eight cells. */
const TAB = 8
const ASCII = /^[ -~]*$/

const SEGMENTER = new Intl.Segmenter()
const DIM = '2'

interface Row {
  /** Appends one run of text that fits. */
  add(text: string, style: string): void
  end(): string
}

/**
 * Rows no wider than `width` cells, each with the SGR sequences for its own text and closed in itself. Characters are never cut in two; those that take no cell
 * by themselves are left out. Cut rows say so with `‹` and `›` where lines are not wrapped.
 */
export function layOut(spans: readonly Span[], options: LayOutOptions): readonly string[] {
  return splitLines(spans).flatMap(line =>
    options.wrap ? wrapLine(line, options.width) : [cutLine(line, options)],
  )
}

function splitLines(spans: readonly Span[]): readonly (readonly Span[])[] {
  if (!spans.some(({ text }) => text.includes('\n'))) return [spans]
  const lines: Span[][] = [[]]
  for (const { text, style } of spans) {
    text.split('\n').forEach((part, index) => {
      if (index > 0) lines.push([])
      if (part !== '') lines.at(-1)?.push({ text: part, style })
    })
  }
  return lines
}

function createRow(): Row {
  let row = ''
  let now = ''
  return {
    add(text, style) {
      if (style !== now) row += `${now === '' ? '' : '\u001b[0m'}${style === '' ? '' : `\u001b[${style}m`}`
      now = style
      row += text
    },
    end: () => (now === '' ? row : `${row}\u001b[0m`),
  }
}

function wrapLine(spans: readonly Span[], width: number): readonly string[] {
  const rows: string[] = []
  let row = createRow()
  let used = 0
  const next = () => {
    rows.push(row.end())
    row = createRow()
    used = 0
  }
  for (const { text, style } of spans) {
    if (ASCII.test(text)) {
      for (let at = 0; at < text.length; ) {
        if (used === width) next()
        const part = text.slice(at, at + width - used)
        row.add(part, style)
        used += part.length
        at += part.length
      }
      continue
    }
    for (const { text: piece, cells } of pieces(text, () => (used === width ? 0 : used))) {
      const tab = piece.startsWith(' ')
      if (used === width || (used > 0 && !tab && used + cells > width)) next()
      // A tab ends with its row; what is wider than the pane cannot be shown.
      const room = width - used
      row.add(cells <= room ? piece : tab ? ' '.repeat(room) : '…', style)
      used += Math.min(cells, room)
    }
  }
  rows.push(row.end())
  return rows
}

function cutLine(spans: readonly Span[], { width, left = 0 }: LayOutOptions): string {
  const end = left + width
  const { seen, column } = takeUntil(spans, left, end)
  const more = column > end
  const row = createRow()
  let at = left
  if (left > 0 && column > 0) {
    row.add('‹', DIM)
    at++
  }
  const last = more ? end - 1 : end
  for (const piece of seen) {
    if (piece.from < at || piece.to > last) continue
    row.add(' '.repeat(piece.from - at), '')
    row.add(piece.text, piece.style)
    at = piece.to
  }
  if (more && at <= last) {
    row.add(' '.repeat(last - at), '')
    row.add('›', DIM)
  }
  return row.end()
}

interface Placed extends Span {
  readonly from: number
  readonly to: number
}

/** What reaches beyond column `left`, up to the first that reaches beyond `end`; `column`: where that is. */
function takeUntil(
  spans: readonly Span[],
  left: number,
  end: number,
): { readonly seen: readonly Placed[]; readonly column: number } {
  const seen: Placed[] = []
  let column = 0
  for (const { text, style } of spans) {
    for (const piece of pieces(text, () => column)) {
      const from = column
      column += piece.cells
      if (column > left) seen.push({ text: piece.text, style, from, to: column })
      if (column > end) return { seen, column }
    }
  }
  return { seen, column }
}

interface Piece {
  readonly text: string
  readonly cells: number
}

/** The characters of a text as readers see them (grapheme clusters), and their cells. `column` tells where a tab begins. */
function* pieces(text: string, column: () => number): Generator<Piece> {
  const segments = ASCII.test(text) ? text : SEGMENTER.segment(text)
  for (const each of segments) {
    const segment = typeof each === 'string' ? each : each.segment
    if (segment === '\t') {
      const cells = TAB - (column() % TAB)
      yield { text: ' '.repeat(cells), cells }
      continue
    }
    const cells = ASCII.test(segment) ? segment.length : stringWidth(segment)
    if (cells > 0) yield { text: segment, cells }
  }
}

/** The text cut to that many cells, with `…` for what is left out at its end. */
export function shorten(text: string, cells: number): string {
  if (stringWidth(text) <= cells) return text
  if (cells <= 0) return ''
  let kept = ''
  let used = 0
  for (const piece of pieces(text, () => 0)) {
    if (used + piece.cells > cells - 1) break
    kept += piece.text
    used += piece.cells
  }
  return `${kept}…`
}
