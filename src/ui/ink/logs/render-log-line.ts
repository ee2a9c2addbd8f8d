import stringWidth from 'string-width'
import type { LogLine } from '../../../core/logs/log-line.js'
import { jsonSpans, parseJsonLine } from './json-line.js'
import { layOut, shorten } from './lay-out.js'
import { localTime, relativeTime } from './log-times.js'
import type { Timestamps } from './log-view.js'
import { highlight, parseStyledText, plainText, type Span } from './styled-text.js'

/** What is the same for all lines of a frame. */
export interface LineOptions {
  /** Cells of the pane. */
  readonly width: number
  readonly wrap: boolean
  readonly left: number
  readonly raw: boolean
  readonly color: boolean
  readonly timestamps: Timestamps
  /** Milliseconds since the epoch, for relative times. */
  readonly now: number
  readonly utcOffset?: number
  /** Cells for the names of sources; 0 for no names. */
  readonly labelWidth: number
  /** What to highlight. */
  readonly search?: RegExp
}

/** What one line is shown with. */
export interface LineSource {
  readonly label: string
  /** SGR parameters; empty for none. */
  readonly style: string
  /** It is the match that the search is at. */
  readonly current: boolean
}

const DIM = '2'
/** Narrower bodies do without names and times. */
const LEAST_BODY = 16

/** The rows of a line, none wider than the pane, each with its own styles. */
export function renderLogLine(line: LogLine, options: LineOptions, source: LineSource): readonly string[] {
  return joinGutter(renderBody(line, options, source), gutter(line, options, source))
}

/** The part that does not depend on the time of day: worth keeping. */
export function renderBody(line: LogLine, options: LineOptions, source: LineSource): readonly string[] {
  const width = bodyWidth(options)
  if (line.kind !== 'line') {
    return layOut([{ text: rule(line, source.label), style: DIM }], { width: options.width, wrap: true })
  }
  const spans = marked(bodySpans(line, options), options, source)
  return layOut(spans, { width, wrap: options.wrap, left: options.left })
}

/** What stands before the first row of a line; the cells of the others' are blank. Empty for rules and the raw view. */
export function gutter(line: LogLine, options: LineOptions, source: LineSource): Gutter {
  const width = gutterWidth(options)
  if (width === 0 || line.kind !== 'line') return { text: '', blank: '' }
  const time = timeCells(options)
  let text = ''
  if (time > 0) {
    const shown =
      options.timestamps === 'local'
        ? localTime(line.time, options.utcOffset)
        : relativeTime(line.time, options.now)
    const cut = shown.slice(0, time - 1)
    text += `${styled(options.timestamps === 'local' ? cut.padEnd(time - 1) : cut.padStart(time - 1), DIM)} `
  }
  if (options.labelWidth > 0) {
    const label = shorten(plainText(source.label).replace(/[\t\n]/g, ' '), options.labelWidth)
    text += `${styled(label, source.style)}${' '.repeat(options.labelWidth - stringWidth(label) + 1)}`
  }
  return { text, blank: ' '.repeat(width) }
}

export interface Gutter {
  readonly text: string
  readonly blank: string
}

export function joinGutter(rows: readonly string[], { text, blank }: Gutter): readonly string[] {
  return text === '' ? rows : rows.map((row, index) => (index === 0 ? text : blank) + row)
}

function bodyWidth(options: LineOptions): number {
  return Math.max(1, options.width - gutterWidth(options))
}

function gutterWidth(options: LineOptions): number {
  if (options.raw) return 0
  const width = timeCells(options) + (options.labelWidth > 0 ? options.labelWidth + 1 : 0)
  return options.width - width < LEAST_BODY ? 0 : width
}

/** With the space after it: `10:14:03.127`, without its fraction in a narrow pane, or `12s`. */
function timeCells({ timestamps, width }: LineOptions): number {
  if (timestamps === 'off') return 0
  return timestamps === 'relative' ? 5 : width < 80 ? 9 : 13
}

function bodySpans(line: LogLine, { raw, color }: LineOptions): readonly Span[] {
  const json = raw ? undefined : parseJsonLine(line.text)
  if (json === undefined) return parseStyledText(line.text, color)
  // Its own time says what the runtime's says too, which `t` shows.
  return jsonSpans(json, { color, time: false })
}

/** Found text is black on yellow, or inverse, where the search is; inverse, or underlined, elsewhere. */
function marked(
  spans: readonly Span[],
  { search, color }: LineOptions,
  { current }: LineSource,
): readonly Span[] {
  if (search === undefined) return spans
  return highlight(spans, search, current ? (color ? '30;43' : '7') : color ? '7' : '4')
}

function rule(line: LogLine, label: string): string {
  const dash = line.kind === 'gap' ? '┄┄' : '──'
  const text = plainText(line.text).replace(/[\t\n]/g, ' ')
  const name = plainText(label).replace(/[\t\n]/g, ' ')
  return `${dash} ${name === '' ? '' : `${name} · `}${text} ${dash}`
}

function styled(text: string, style: string): string {
  return style === '' || text === '' ? text : `\u001b[${style}m${text}\u001b[0m`
}
