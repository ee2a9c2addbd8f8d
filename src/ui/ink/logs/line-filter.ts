import { err, ok, type Result } from '../../../core/result.js'
import { LOG_LEVELS, type LogLevel, levelOf, levelRank } from './log-level.js'

/** One condition on the text of a line. */
export interface TextTerm {
  readonly pattern: RegExp
  /** The line must not match. */
  readonly not: boolean
}

/** All of it must hold. */
export interface LineFilter {
  readonly terms: readonly TextTerm[]
  readonly level?: LevelTerm
}

export interface LevelTerm {
  readonly atLeast: LogLevel
  readonly atMost: LogLevel
}

const LEVEL = /^level\s*(>=|<=|=|>|<|:)\s*([a-z]+)$/i
const REGEX = /^\/(.+)\/([imsuv]*)$/s
/** A word, a quoted phrase, or a regex, which may have spaces; `!` before it turns it round. */
const TERM = /!?(?:"[^"]*"|\/(?:\\.|[^/\\])+\/[a-z]*(?=\s|$)|\S+)/g

/**
 * Reads what a user typed: text (letters of both cases match unless it has a capital), `"a phrase"`, `/a regex/i`, each with `!` before it for
 * lines without it, and `level>=warn`. With `terms`, spaces separate conditions that all must hold; without, it is one. The error says what is wrong.
 */
export function parseFilter(typed: string, options: { readonly terms: boolean }): Result<LineFilter, string> {
  const text = typed.trim()
  if (text === '') return ok({ terms: [] })
  const parts = options.terms ? (joinLevels(text).match(TERM) ?? []) : [text]
  const terms: TextTerm[] = []
  let level: LevelTerm | undefined
  for (const part of parts) {
    const asLevel = options.terms ? LEVEL.exec(part) : null
    if (asLevel !== null) {
      const term = levelTerm(asLevel[1] ?? '', asLevel[2] ?? '')
      if (!term.ok) return term
      level = level === undefined ? term.value : narrower(level, term.value)
      continue
    }
    const not = options.terms && part.length > 1 && part.startsWith('!')
    const pattern = toPattern(not ? part.slice(1) : part, options.terms)
    if (!pattern.ok) return pattern
    terms.push({ pattern: pattern.value, not })
  }
  return ok({ terms, ...(level === undefined ? {} : { level }) })
}

/** The higher of the lower bounds, the lower of the upper ones. */
export function narrower(a: LevelTerm, b: LevelTerm): LevelTerm {
  return {
    atLeast: levelRank(a.atLeast) > levelRank(b.atLeast) ? a.atLeast : b.atLeast,
    atMost: levelRank(a.atMost) < levelRank(b.atMost) ? a.atMost : b.atMost,
  }
}

/** `level >= warn` is one condition, also with spaces. */
function joinLevels(text: string): string {
  return text.replace(/\blevel\s*(>=|<=|=|>|<)\s*(?=[a-z])/gi, 'level$1')
}

function levelTerm(sign: string, name: string): Result<LevelTerm, string> {
  const level = levelOf(name)
  if (level === undefined) return err(`no level is called ${name}: ${LOG_LEVELS.join(', ')}`)
  const rank = levelRank(level)
  const at = (wanted: number): LogLevel =>
    LOG_LEVELS[Math.min(Math.max(wanted, 0), LOG_LEVELS.length - 1)] ?? level
  switch (sign) {
    case '>=':
      return ok({ atLeast: level, atMost: 'fatal' })
    case '>':
      if (rank === LOG_LEVELS.length - 1) return err('no level is above fatal')
      return ok({ atLeast: at(rank + 1), atMost: 'fatal' })
    case '<=':
      return ok({ atLeast: 'trace', atMost: level })
    case '<':
      return rank === 0 ? err('no level is below trace') : ok({ atLeast: 'trace', atMost: at(rank - 1) })
    default:
      return ok({ atLeast: level, atMost: level })
  }
}

function toPattern(part: string, phrases: boolean): Result<RegExp, string> {
  const regex = REGEX.exec(part)
  if (regex !== null) {
    try {
      return ok(new RegExp(regex[1] ?? '', `${regex[2] ?? ''}g`))
    } catch (error) {
      return err(error instanceof Error ? error.message : String(error))
    }
  }
  const quoted = phrases && part.length > 2 && part.startsWith('"') && part.endsWith('"')
  const text = quoted ? part.slice(1, -1) : part
  const escaped = text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
  return ok(new RegExp(escaped, /\p{Lu}/u.test(text) ? 'g' : 'gi'))
}

/** Whether a text fits; only so much of a very long line is looked at, so that no pattern takes for ever. */
export function matchesTerms(terms: readonly TextTerm[], texts: readonly string[]): boolean {
  return terms.every(({ pattern, not }) => {
    const found = texts.some(text => {
      pattern.lastIndex = 0
      return pattern.test(text.length > LONGEST ? text.slice(0, LONGEST) : text)
    })
    return found !== not
  })
}

const LONGEST = 32 * 1024
