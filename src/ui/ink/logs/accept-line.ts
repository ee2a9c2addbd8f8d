import type { LogLine } from '../../../core/logs/log-line.js'
import { jsonSpans, parseJsonLine } from './json-line.js'
import { type LevelTerm, type LineFilter, matchesTerms, narrower, parseFilter } from './line-filter.js'
import { type LogLevel, levelRank, textLevel } from './log-level.js'
import type { LogViewState } from './log-view.js'
import { plainText } from './styled-text.js'

export type AcceptLine = (line: LogLine) => boolean

const NO_FILTER: LineFilter = { terms: [] }

/** Which lines belong to a view: the selected sources, none that the config ignores, and what the filters let through. */
export function acceptLine(state: LogViewState, ignore: readonly RegExp[] = []): AcceptLine {
  const parsed = parseFilter(state.filter, { terms: true })
  const filter = parsed.ok ? parsed.value : NO_FILTER
  const level = levelTerm(filter.level, state.level)
  const services = listed(state.selection.services)
  const pods = listed(state.selection.pods)
  const containers = listed(state.selection.containers)
  const ignored = state.ignored
    ? []
    : ignore.map(pattern => new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')))
  return line => {
    const { origin } = line
    if (state.containers === 'own' && origin.role !== 'app') return false
    if (services !== undefined && !services.has(origin.service ?? '')) return false
    if (pods !== undefined && !pods.has(origin.podUid)) return false
    if (containers !== undefined && !containers.has(origin.container)) return false
    if (line.kind !== 'line')
      return filter.terms.length === 0 || matchesTerms(filter.terms, [plainText(line.text)])
    if (ignored.length === 0 && filter.terms.length === 0 && level === undefined) return true
    const plain = plainText(line.text)
    if (ignored.some(pattern => pattern.test(plain))) return false
    if (level !== undefined && !within(lineLevel(line.text, plain), level)) return false
    return filter.terms.length === 0 || matchesTerms(filter.terms, shownTexts(line.text, plain))
  }
}

/** Whether a line has what is searched for. */
export function matchLine(pattern: RegExp): AcceptLine {
  const terms = [{ pattern, not: false }]
  return line => {
    const plain = plainText(line.text)
    return matchesTerms(terms, line.kind === 'line' ? shownTexts(line.text, plain) : [plain])
  }
}

function listed(names: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return names === undefined ? undefined : new Set(names)
}

function levelTerm(typed: LevelTerm | undefined, key: LogLevel | undefined): LevelTerm | undefined {
  if (key === undefined) return typed
  const fromKey: LevelTerm = { atLeast: key, atMost: 'fatal' }
  return typed === undefined ? fromKey : narrower(typed, fromKey)
}

function lineLevel(text: string, plain: string): LogLevel | undefined {
  const json = parseJsonLine(text)
  return json === undefined ? textLevel(plain) : json.level
}

/** A line without a level passes only where none is asked for. */
function within(level: LogLevel | undefined, term: LevelTerm): boolean {
  if (level === undefined) return false
  const rank = levelRank(level)
  return rank >= levelRank(term.atLeast) && rank <= levelRank(term.atMost)
}

/** As written and, for a structured line, as it is shown: a user may type either. */
function shownTexts(text: string, plain: string): readonly string[] {
  const json = parseJsonLine(text)
  if (json === undefined) return [plain]
  const spans = jsonSpans(json, { color: false, time: true })
  return [plain, spans.map(span => span.text).join('')]
}
