import { codeFrame } from '../core/code-frame.js'
import type { Diagnostic, SourceRange } from '../core/problem.js'
import type { ConfigFile } from './config-tree.js'
import type { ConfigDocument } from './document.js'
import type { FileFinding } from './file-findings.js'
import type { Finding } from './finding.js'

interface Found {
  readonly files: readonly ConfigFile[]
  readonly document: ConfigDocument
  readonly findings: readonly Finding[]
  readonly fileFindings: readonly FileFinding[]
}

/** Findings at their places in the files, each with its frame, in the order of the files. What is wrong with a file is often wrong with the whole, too; it is told once. */
export function locateFindings({ files, document, findings, fileFindings }: Found): readonly Diagnostic[] {
  const texts = new Map(files.map(({ file, text }) => [file, text]))
  const order = [...texts.keys()]
  const diagnostics = [
    ...document.findings.map(found => ({ severity: 'error' as const, ...found })),
    ...findings.map(found => ({ ...found, range: document.locate(found.path, found.on) })),
    ...fileFindings.map(({ source, finding }) => ({
      ...finding,
      range: source.document.locate(finding.path, finding.on),
    })),
  ].map(found =>
    diagnosticOf(found, texts.get(found.range.file) ?? document.textOf?.(found.range.file) ?? ''),
  )
  const once = new Map(diagnostics.map(found => [identityOf(found), found]))
  return [...once.values()].toSorted(
    (a, b) =>
      order.indexOf(a.range.file) - order.indexOf(b.range.file) ||
      a.range.line - b.range.line ||
      a.range.column - b.range.column,
  )
}

type Placed = Pick<Diagnostic, 'severity' | 'message' | 'suggestion'> & { readonly range: SourceRange }

const diagnosticOf = ({ severity, message, range, suggestion }: Placed, text: string) => ({
  severity,
  message,
  range,
  frame: codeFrame(text, range),
  ...(suggestion === undefined ? {} : { suggestion }),
})

const identityOf = ({ message, range }: Placed): string =>
  JSON.stringify([range.file, range.line, range.column, message])
