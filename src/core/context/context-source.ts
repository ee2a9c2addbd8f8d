import { compileGoMatch, hasWildcard } from './go-match.js'
import { cleanPath } from './go-path.js'
import { compileIgnorePattern, type PathTest } from './ignore-pattern.js'
import { mayMatchBelow } from './ignore-rules.js'

/** What one COPY, ADD or bind mount reads from the context. */
export interface ContextSource {
  /** As the Dockerfile has it, variables replaced; `.` for the whole context. */
  readonly pattern: string
  /** The Dockerfile's line, from 1. */
  readonly line: number
  readonly instruction: string
  /** Whether it reads the path. */
  sees(path: string): boolean
  /** Whether it might read something below the folder. */
  mayReach(folder: string): boolean
}

/** A source that reads everything: the whole context, or one that cannot be known. */
export const everything = (line: number, instruction: string): ContextSource => ({
  pattern: '.',
  line,
  instruction,
  sees: () => true,
  mayReach: () => true,
})

/**
 * Makes the matcher of one source. A wildcard is Go's `filepath.Match` (with `--parents` also `**`), and what matches is read with all below it.
 * `excludes` are those of `--exclude`, which BuildKit versions read relative to the context or to the source: only what both leave out is left out.
 */
export function contextSource(options: {
  readonly path: string
  readonly line: number
  readonly instruction: string
  readonly excludes: readonly string[]
  readonly parents: boolean
}): ContextSource {
  const { line, instruction } = options
  const pattern = cleanPath(`/${options.path}`).slice(1)
  const excluded = excludeTest(options.excludes, hasWildcard(pattern) ? '' : pattern)
  if (pattern === '') return { ...everything(line, instruction), sees: path => !excluded(path) }
  const test =
    options.parents && pattern.includes('**') ? compileIgnorePattern(pattern) : wildcardTest(pattern)
  if (test === undefined) return everything(line, instruction)
  const within = (path: string): boolean => {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      if (test(path.slice(0, end))) return true
    }
    return false
  }
  return {
    pattern,
    line,
    instruction,
    sees: path => within(path) && !excluded(path),
    mayReach: folder => within(folder) || mayMatchBelow(pattern, folder),
  }
}

function wildcardTest(pattern: string): PathTest | undefined {
  if (!hasWildcard(pattern)) return path => path === pattern
  const expression = compileGoMatch(pattern)
  return expression === undefined ? undefined : path => expression.test(path)
}

function excludeTest(patterns: readonly string[], source: string): PathTest {
  const tests = patterns.map(pattern => compileIgnorePattern(cleanPath(pattern)))
  if (tests.some(test => test === undefined) || patterns.some(pattern => pattern.startsWith('!')))
    return () => false
  const hits = (path: string): boolean => tests.some(test => test?.(path) === true)
  return path => hits(path) && (source === '' || path === source || hits(path.slice(source.length + 1)))
}
