import stringWidth from 'string-width'
import type { LogSearchStatus, LogStatus, LogTheme } from './api.js'
import { shorten } from './lay-out.js'
import { isSearched, type LogSearch, rankOf } from './log-search.js'
import type { LogViewState } from './log-view.js'
import { plainText } from './styled-text.js'

export interface ViewProgress {
  readonly newLines: number
  readonly search: LogSearch | undefined
  readonly end: number
  readonly busy: boolean
}

/** What there is to tell about a view. */
export function logStatus(state: LogViewState, { newLines, search, end, busy }: ViewProgress): LogStatus {
  const follow = state.position.kind === 'follow'
  const found: LogSearchStatus | undefined =
    search === undefined
      ? undefined
      : {
          text: state.search,
          at: rankOf(search, state.match),
          total: search.older.length + search.newer.length,
          searching: !isSearched(search, end),
          more: search.more,
        }
  return {
    follow,
    newLines: follow ? 0 : newLines,
    chips: chips(state),
    ...(found === undefined ? {} : { search: found }),
    ...(state.input === undefined ? {} : { input: state.input }),
    busy,
  }
}

function chips(state: LogViewState): readonly string[] {
  const { services, containers, pods } = state.selection
  return [
    named('service', services),
    pods === undefined ? '' : `${pods.length} pod${pods.length === 1 ? '' : 's'}`,
    named('container', containers),
    state.containers === 'all' ? 'all containers' : '',
    state.level === undefined ? '' : `level>=${state.level}`,
    state.filter === '' ? '' : state.filter,
    state.ignored ? 'ignored shown' : '',
    state.raw ? 'raw' : '',
    state.wrap ? '' : 'wrap off',
  ].filter(chip => chip !== '')
}

function named(what: string, names: readonly string[] | undefined): string {
  if (names === undefined) return ''
  return names.length === 1 ? (names[0] ?? '') : `${names.length} ${what}s`
}

/** `3/17`, `searching… 12`, `no match`. */
function searchText({ at, total, searching, more }: LogSearchStatus): string {
  if (searching) return total === 0 ? 'searching…' : `searching… ${total}`
  if (total === 0) return 'no match'
  return `${at === 0 ? '-' : at}/${total}${more ? '+' : ''}`
}

/** The state of a view in one row no wider than `width`: what is typed, or following, filters and search. */
export function formatLogStatus(status: LogStatus, width: number, { color }: LogTheme): string {
  const { input } = status
  if (input !== undefined) return inputRow(input, width, color)
  const parts: { readonly text: string; readonly style: string }[] = []
  if (status.follow) parts.push({ text: 'following', style: color ? '32' : '' })
  else {
    const news = status.newLines === 0 ? '' : ` · ${status.newLines} new`
    parts.push({ text: `paused${news}`, style: color ? '33' : '1' })
  }
  if (status.search !== undefined) {
    parts.push({
      text: `/${plainText(status.search.text)} ${searchText(status.search)}`,
      style: color ? '36' : '1',
    })
  }
  for (const chip of status.chips) parts.push({ text: `[${plainText(chip)}]`, style: color ? '36' : '' })
  let row = ''
  let used = 0
  for (const { text, style } of parts) {
    const before = used === 0 ? '' : '  '
    const shown = shorten(text, width - used - before.length)
    if (shown === '') break
    row += before + (style === '' ? shown : `\u001b[${style}m${shown}\u001b[0m`)
    used += before.length + stringWidth(shown)
  }
  return row
}

/** The end of the text stays in sight, where one types. */
function inputRow(input: NonNullable<LogStatus['input']>, width: number, color: boolean): string {
  const prompt = input.kind === 'search' ? '/' : 'filter: '
  const problem = input.problem === undefined ? '' : `  ${plainText(input.problem)}`
  const room = width - prompt.length - 1
  const text = tail(plainText(input.text).replace(/[\t\n]/g, ' '), Math.max(0, room))
  const left = shorten(problem, room - stringWidth(text))
  return (
    shorten(prompt, width - 1) +
    text +
    '\u001b[7m \u001b[0m' +
    (left === '' ? '' : `\u001b[${color ? '31' : '1'}m${left}\u001b[0m`)
  )
}

function tail(text: string, cells: number): string {
  if (stringWidth(text) <= cells) return text
  const characters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment)
  while (characters.length > 0 && stringWidth(characters.join('')) > cells - 1) characters.shift()
  return cells < 1 ? '' : `…${characters.join('')}`
}
