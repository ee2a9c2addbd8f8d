import type { LineCounter } from 'yaml'
import { codeFrame } from '../code-frame.js'
import type { SourceRange } from '../problem.js'

/** Turns offsets into a text into a range and a code frame. An empty range covers the rest of its first line. */
export type RangeFinder = (
  start: number,
  end: number,
) => { readonly range: SourceRange; readonly frame: string }

export function rangeFinder(options: {
  readonly file: string
  readonly text: string
  readonly lines: LineCounter
}): RangeFinder {
  const { file, text, lines } = options
  return (start, end) => {
    const from = position(lines, start)
    const lineText = lineAt(text, start)
    const to = end > start ? position(lines, end) : { line: from.line, column: lineText.length + 1 }
    const range = {
      file,
      line: from.line,
      column: from.column,
      endLine: to.line,
      endColumn: to.line === from.line ? Math.max(to.column, from.column + 1) : to.column,
    }
    return {
      range,
      // Most ranges are never shown, and a frame takes a walk through the text.
      get frame() {
        return codeFrame(text, range)
      },
    }
  }
}

function position(lines: LineCounter, offset: number): { readonly line: number; readonly column: number } {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  const end = text.indexOf('\n', offset)
  return text.slice(start, end === -1 ? text.length : end).replace(/\r$/, '')
}
