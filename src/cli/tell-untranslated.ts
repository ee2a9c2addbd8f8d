import { relative } from 'node:path'
import type { SkaffoldFinding } from '../config/skaffold/translation.js'

/** A line for each field of a `skaffold.yaml` that was not, or not wholly, translated: its place, and why. */
export const untranslatedLines = (findings: readonly SkaffoldFinding[], cwd: string): readonly string[] =>
  findings.map(
    ({ path, range, verdict, why }) =>
      `${relative(cwd, range.file) || range.file}:${range.line}: ${path} is ${verdict === 'partly' ? 'partly translated' : 'not translated'}: ${why}`,
  )

/** What is said where a `skaffold.yaml` is used as it is: only what changes what runs. */
export function skaffoldNotices(
  { configFile, findings }: { readonly configFile: string; readonly findings: readonly SkaffoldFinding[] },
  cwd: string,
): readonly string[] {
  const lost = findings.filter(({ lost }) => lost)
  const shown = relative(cwd, configFile) || configFile
  return [
    `${shown} is the config${lost.length === 0 ? '' : `, but for ${lost.length === 1 ? 'one field' : `${lost.length} fields`}`}; devloop init writes a dev.config.yaml from it`,
    ...untranslatedLines(lost, cwd),
  ]
}
