import { codeFrame } from '../core/code-frame.js'
import type { Diagnostic } from '../core/problem.js'
import type { ConfigDocument } from './document.js'
import type { Finding } from './finding.js'

/** Findings at their places in the file, each with its frame, in the order of the file. */
export function locateFindings(
  findings: readonly Finding[],
  document: ConfigDocument,
  text: string,
): readonly Diagnostic[] {
  return sortDiagnostics([
    ...document.findings.map(({ message, range, suggestion }) => ({
      severity: 'error' as const,
      message,
      range,
      frame: codeFrame(document.textOf?.(range.file) ?? text, range),
      ...(suggestion === undefined ? {} : { suggestion }),
    })),
    ...findings.map(({ severity, path, on, message, suggestion }) => {
      const range = document.locate(path, on)
      return {
        severity,
        message,
        range,
        frame: codeFrame(document.textOf?.(range.file) ?? text, range),
        ...(suggestion === undefined ? {} : { suggestion }),
      }
    }),
  ])
}

const sortDiagnostics = (diagnostics: readonly Diagnostic[]): readonly Diagnostic[] =>
  diagnostics.toSorted(
    (a, b) => (a.range?.line ?? 0) - (b.range?.line ?? 0) || (a.range?.column ?? 0) - (b.range?.column ?? 0),
  )
