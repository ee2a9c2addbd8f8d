import { err, ok, type Result } from '../result.js'
import { cleanPath, parentOf } from './go-path.js'
import { compileIgnorePattern, type PathTest } from './ignore-pattern.js'

/** One line of an ignore file. */
export interface IgnoreRule {
  readonly file: string
  /** Counts from 1. */
  readonly line: number
  /** As written, without surrounding blanks. */
  readonly text: string
  /** A `!` line, which takes paths back in. */
  readonly negated: boolean
}

export interface IgnoreDecision {
  readonly ignored: boolean
  /** The last rule that changed the outcome; absent where no rule speaks of the path. */
  readonly rule?: IgnoreRule
}

/** What makes an ignore file invalid, with its line. */
export interface IgnoreError {
  readonly file: string
  readonly line: number
  readonly message: string
}

/** The rules of one ignore file. Paths are relative to the context, with `/`. */
export interface IgnoreRules {
  /** Judges one path. */
  decide(path: string): IgnoreDecision
  /** Whether a walk may skip the folder: it is ignored and no `!` rule can take back anything below it. */
  canPrune(folder: string): boolean
}

interface CompiledRule extends IgnoreRule {
  readonly pattern: string
  readonly matches: PathTest
}

interface Judged {
  readonly decision: IgnoreDecision
  /** For each rule, whether it matched this path or a folder above it. */
  readonly matched: readonly boolean[]
}

/** No ignore file: nothing is ignored. */
export const noIgnoreRules: IgnoreRules = { decide: () => ({ ignored: false }), canPrune: () => false }

/**
 * Reads an ignore file under the rules of Docker (moby's `ignorefile.ReadAll` and `patternmatcher.MatchesUsingParentResults`, the walk that both
 * docker CLI and BuildKit do): a `#` counts only in the first column, blanks around a line go, the last rule that matches wins, a rule that matches a
 * folder matches all below it. A malformed pattern is an error in Docker too. Where a `!` rule with a wildcard takes a file back in
 * from an ignored folder, BuildKit sends the file and the classic docker CLI, which has skipped the folder by then, does not: BuildKit is followed.
 * On Windows a backslash is a separator and escapes nothing.
 */
export function parseIgnoreFile(
  text: string,
  options: { readonly file: string; readonly windows?: boolean },
): Result<IgnoreRules, IgnoreError> {
  const rules: CompiledRule[] = []
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (raw.startsWith('#')) continue
    const written = raw.trim()
    if (written === '') continue
    const negated = written.startsWith('!')
    const position = { file: options.file, line: index + 1 }
    const body = (negated ? written.slice(1) : written).trim()
    if (body === '') return err({ ...position, message: 'a "!" must be followed by a pattern' })
    const cleaned = cleanPath(options.windows === true ? body.replaceAll('\\', '/') : body)
    const pattern = cleaned.length > 1 && cleaned.startsWith('/') ? cleaned.slice(1) : cleaned
    const matches = compileIgnorePattern(pattern)
    if (matches === undefined) return err({ ...position, message: `malformed pattern "${written}"` })
    rules.push({ ...position, text: written, negated, pattern, matches })
  }
  return ok(rules.length === 0 ? noIgnoreRules : ignoreRules(rules))
}

function ignoreRules(rules: readonly CompiledRule[]): IgnoreRules {
  const none: readonly boolean[] = rules.map(() => false)
  // Folders are asked for again and again, once by each path below them; their number is bounded by the walk.
  const folders = new Map<string, Judged>()
  const judge = (path: string): Judged => {
    const parent = parentOf(path)
    return judgeBelow(path, parent === '.' ? none : judgeFolder(parent))
  }
  const judgeFolder = (folder: string): readonly boolean[] => {
    const known = folders.get(folder)
    if (known !== undefined) return known.matched
    const judged = judge(folder)
    folders.set(folder, judged)
    return judged.matched
  }
  const judgeBelow = (path: string, above: readonly boolean[]): Judged => {
    let decision: IgnoreDecision = { ignored: false }
    const matched: boolean[] = []
    for (const [index, rule] of rules.entries()) {
      const inherited = above[index] === true
      // As moby does: a rule that could change nothing here is not even tried, and is remembered as one that did not match.
      const matches = inherited || (rule.negated === decision.ignored && rule.matches(path))
      matched.push(matches)
      if (matches) decision = { ignored: !rule.negated, rule }
    }
    return { decision, matched }
  }
  return {
    decide: path => judge(path).decision,
    canPrune: folder =>
      judge(folder).decision.ignored &&
      !rules.some(rule => rule.negated && mayMatchBelow(rule.pattern, folder)),
  }
}

/** Whether a pattern might match some path below a folder. May say yes wrongly, never no. */
export function mayMatchBelow(pattern: string, folder: string): boolean {
  const parts = pattern.split('/')
  const names = folder.split('/')
  for (const [index, name] of names.entries()) {
    const part = parts[index]
    if (part === undefined) return false
    if (part.includes('**') || /[[\\]/.test(part)) return true
    if (!/[*?]/.test(part) && part !== name) return false
  }
  return parts.length > names.length
}
