import type { SourceRange } from '../problem.js'

/** From a column of a line to its end. */
export function rangeAt(file: string, line: number, column = 1): SourceRange {
  return { file, line, column, endLine: line + 1, endColumn: 1 }
}
