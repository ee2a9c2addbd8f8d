import { posix } from 'node:path'
import picomatch from 'picomatch'
import { memo } from '../memo.js'
import type { AfterSync, SyncRule } from '../project.js'

/** Where one file of the context goes. */
export interface SyncFile {
  /** Relative to the context. */
  readonly path: string
  /** Absolute, in the container. */
  readonly to: string
  readonly after: AfterSync
}

/** Why a file cannot go into a running container. */
export type FileRefusal = 'no-rule' | 'dependencies' | 'strip' | 'line-break'

/** Files from which images are made: what is installed because of them does not come with them. A rule that names one without a wildcard takes it all the same. */
const DEPENDENCIES =
  /^(package(-lock)?\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-(lock|workspace)\.yaml|bun\.lockb?|deno\.lock|pom\.xml|(build|settings)\.gradle(\.kts)?|gradle\.lockfile|go\.(mod|sum|work)|Cargo\.(toml|lock)|requirements[^/]*\.txt|Pipfile(\.lock)?|pyproject\.toml|(poetry|uv|pdm)\.lock|setup\.(py|cfg)|Gemfile(\.lock)?|composer\.(json|lock)|mix\.(exs|lock)|.*\.(cs|fs|vb)proj|packages\.lock\.json)$/

interface Compiled {
  readonly rule: SyncRule
  readonly matches: (path: string) => boolean
}

const compiled = memo((rules: readonly SyncRule[]): readonly Compiled[] =>
  rules.map(rule => ({ rule, matches: picomatch(rule.match, { dot: true }) })),
)

/** What the first rule that matches makes of a file, or why it makes an image. */
export function matchRule(rules: readonly SyncRule[], path: string): SyncFile | FileRefusal {
  // Globs stop at a line break, and so do the lines by which a container is told.
  if (/[\n\r]/.test(path)) return 'line-break'
  const found = compiled(rules).find(({ matches }) => matches(path))
  if (found === undefined) return 'no-rule'
  const { rule } = found
  if (DEPENDENCIES.test(posix.basename(path)) && posix.basename(rule.match) !== posix.basename(path))
    return 'dependencies'
  const rest = stripped(path, rule.strip)
  return rest === undefined
    ? 'strip'
    : { path, to: posix.join('/', rule.to, rest).replace(/(?<=.)\/$/, ''), after: rule.after }
}

/** Undefined where the path is not below what is to be taken off. */
function stripped(path: string, strip: string): string | undefined {
  if (strip === '') return path
  if (path === strip) return ''
  return path.startsWith(`${strip}/`) ? path.slice(strip.length + 1) : undefined
}

/** What tells one set of rules from another. */
export const rulesText = memo((rules: readonly SyncRule[]): string => JSON.stringify(rules))

/** Whether the service's process is ever started anew by a sync. */
export function restarts(rules: readonly SyncRule[] | undefined): boolean {
  return rules?.some(({ after }) => after.kind === 'restart') ?? false
}
