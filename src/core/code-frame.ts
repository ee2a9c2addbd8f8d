import type { SourceRange } from './problem.js'

/** Columns of source text that a frame shows at most; a longer line (JSON in one line) is cut around the range. */
const WINDOW = 120

type Span = Pick<SourceRange, 'line' | 'column' | 'endLine' | 'endColumn'>

/**
 * The source line with `^^^` under the range: two lines, ready to print. A range over several lines is marked to the end of its first. The
 * marker follows the line's own tabs and counts wide characters as two columns, so that it stands right in a terminal.
 */
export function codeFrame(text: string, range: Span): string {
  const line = sourceLine(text, range.line)
  const start = Math.min(Math.max(range.column - 1, 0), line.length)
  const end = range.endLine > range.line ? line.trimEnd().length : Math.min(range.endColumn - 1, line.length)
  const cut = cutLine(line, start)
  const before = line.slice(cut.from, start)
  const marked = line.slice(start, Math.max(start, Math.min(end, cut.to)))
  const carets = '^'.repeat(Math.max(1, displayWidth(marked)))
  const gutter = String(range.line).padStart(4)
  const source = `${cut.from > 0 ? '…' : ''}${printable(line.slice(cut.from, cut.to))}${cut.to < line.length ? '…' : ''}`
  const indent = `${cut.from > 0 ? ' ' : ''}${before.replace(/[^\t]+/g, run => ' '.repeat(displayWidth(run)))}`
  return `${gutter} | ${source}\n${' '.repeat(gutter.length)} | ${indent}${carets}`
}

/** The width of a text in terminal columns; a tab counts as one. */
function displayWidth(text: string): number {
  let width = 0
  for (const character of text) width += characterWidth(character)
  return width
}

function sourceLine(text: string, line: number): string {
  return (text.split('\n', line)[line - 1] ?? '').replace(/\r$/, '').replace(/^\uFEFF/, '')
}

function cutLine(line: string, start: number): { readonly from: number; readonly to: number } {
  if (line.length <= WINDOW) return { from: 0, to: line.length }
  const from = Math.max(0, Math.min(start - WINDOW / 3, line.length - WINDOW))
  return { from, to: from + WINDOW }
}

/** A control character in a file must not reach the terminal. */
const printable = (text: string): string =>
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\uFFFD')

const ZERO_WIDTH = /^(?:\p{Mn}|\p{Me}|[\u200b\u200c]|\u200d|[\ufe00-\ufe0f])$/u
/** East Asian wide and full-width characters, and emoji. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]$/u

function characterWidth(character: string): number {
  if (ZERO_WIDTH.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}
