import type { Diagnostic, SourceRange } from './problem.js'

/** A diagnostic as plain lines: place and message, the frame, the suggestion. `file` stands where the diagnostic has no range. */
export function formatDiagnostic(diagnostic: Diagnostic, file?: string): readonly string[] {
  const place = diagnostic.range ? formatPlace(diagnostic.range) : file
  const severity = diagnostic.severity === 'warning' ? 'warning: ' : ''
  return [
    `${place === undefined ? '' : `${place}: `}${severity}${diagnostic.message}`,
    ...(diagnostic.frame?.split('\n') ?? []),
    ...(diagnostic.suggestion === undefined ? [] : [`  → ${diagnostic.suggestion}`]),
  ]
}

/** `file:line:column`, which editors and terminals open. */
export const formatPlace = (range: SourceRange): string => `${range.file}:${range.line}:${range.column}`
