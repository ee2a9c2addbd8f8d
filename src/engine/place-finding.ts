import type { LintFinding } from '../core/lint/lint-finding.js'
import { lintDiagnostic } from '../core/lint/lint-manifests.js'
import type { Diagnostic } from '../core/problem.js'
import type { FieldLocator } from '../ports/field-locator.js'

/** A finding at the field that it is about, where that is written in the file; else at its object. */
export async function placeFinding(
  finding: LintFinding,
  locateField: FieldLocator | undefined,
): Promise<Diagnostic> {
  const diagnostic = lintDiagnostic(finding)
  const steps = finding.path.map(step => (typeof step === 'number' ? { index: step } : { field: step }))
  const range = steps.length === 0 ? undefined : await locateField?.(finding.object.source, steps)
  return range === undefined ? diagnostic : { ...diagnostic, range }
}
