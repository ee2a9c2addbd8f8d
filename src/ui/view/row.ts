import { cutEnd, oneLine, takeStart, widthOf } from './text.js'

/** What a piece of text means. A theme gives each its look; none is told by colour alone. */
export type Tone =
  | 'plain'
  | 'strong'
  | 'dim'
  | 'good'
  | 'bad'
  | 'busy'
  | 'warn'
  | 'accent'
  | 'key'
  /** For what must not be overlooked: the connection is lost. */
  | 'alarm'

export interface Span {
  readonly text: string
  readonly tone: Tone
}

/** One row of the screen. */
export interface Row {
  readonly spans: readonly Span[]
  readonly selected?: boolean
}

/** A piece of text of any origin; what a terminal would obey is taken out of it. */
export const span = (text: string, tone: Tone = 'plain'): Span => ({ text: oneLine(text), tone })

export const rowOf = (...spans: readonly Span[]): Row => ({ spans })

export const textRow = (text: string, tone: Tone = 'plain'): Row => rowOf(span(text, tone))

export const emptyRow: Row = { spans: [] }

export const spansWidth = (spans: readonly Span[]): number =>
  spans.reduce((sum, { text }) => sum + widthOf(text), 0)

/** The row's text without its looks. */
export const rowText = (row: Row): string => row.spans.map(({ text }) => text).join('')

/** The row in exactly so many columns: cut with `…`, or filled with spaces. */
export function fitRow(row: Row, columns: number): Row {
  const spans: Span[] = []
  let left = columns
  const isCut = spansWidth(row.spans) > columns
  for (const { text, tone } of row.spans) {
    if (left <= 0) break
    const fits = widthOf(text) < left || (!isCut && widthOf(text) <= left)
    const shown = fits ? text : cutEnd(isCut ? `${takeStart(text, left)} ` : text, left)
    spans.push({ text: shown, tone })
    left -= widthOf(shown)
    if (!fits) break
  }
  if (left > 0) spans.push({ text: ' '.repeat(left), tone: 'plain' })
  return { ...row, spans }
}

/** What stands at the left and at the right edge; where both do not fit, the left is cut. */
export function spread(left: readonly Span[], right: readonly Span[], columns: number): Row {
  if (right.length === 0) return { spans: left }
  const room = columns - spansWidth(right) - 1
  return room < 8 ? { spans: left } : { spans: [...fitRow({ spans: left }, room).spans, span(' '), ...right] }
}

/** `── services 5/7 ───────`: what comes below it, and whether keys go there. */
export function ruleRow(
  title: readonly Span[],
  { columns, focused, right = [] }: { columns: number; focused: boolean; right?: readonly Span[] },
): Row {
  const line = (length: number): Span => span('─'.repeat(Math.max(0, length)), focused ? 'accent' : 'dim')
  const head = [line(1), span(focused ? '▸' : ' ', 'accent'), ...title, span(' ')]
  const tail = right.length === 0 ? [] : [span(' '), ...right, span(' '), line(1)]
  const rest = columns - spansWidth(head) - spansWidth(tail)
  return rest < 1
    ? { spans: [...head, line(columns - spansWidth(head))] }
    : { spans: [...head, line(rest), ...tail] }
}
