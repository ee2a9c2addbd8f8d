import { parseFilter } from './line-filter.js'
import { type LogLevel, nextLevel } from './log-level.js'

/** Which lines of the stream are wanted; an absent list means all. */
export interface LogSelection {
  readonly services?: readonly string[]
  /** By UID. */
  readonly pods?: readonly string[]
  readonly containers?: readonly string[]
}

/** The row at the top of a pane that does not follow: a line, and which of its rows. */
export interface LogTop {
  readonly seq: number
  readonly row: number
}

export type LogPosition = { readonly kind: 'follow' } | { readonly kind: 'held'; readonly top: LogTop }

export type Timestamps = 'off' | 'local' | 'relative'

/** A text or `/regex/` in the search or filter line, as typed. */
export interface LogInput {
  readonly kind: 'search' | 'filter'
  readonly text: string
  /** Why the text cannot be used. */
  readonly problem?: string
}

/** All that a user can set about the view. Plain data. */
export interface LogViewState {
  readonly position: LogPosition
  readonly selection: LogSelection
  /** `own`: only the containers that the services are for (`role: app`); `all`: sidecars and init containers too. */
  readonly containers: 'own' | 'all'
  /** The filter as typed; empty for none. Terms are combined: `level>=warn timeout /GET \/v\d/i`. */
  readonly filter: string
  /** The lowest level shown, by its key. */
  readonly level: LogLevel | undefined
  /** The search as typed; empty for none. */
  readonly search: string
  /** `seq` of the match that the view went to last. */
  readonly match: number | undefined
  readonly input: LogInput | undefined
  readonly wrap: boolean
  /** Cells by which lines are moved to the left while `wrap` is off. */
  readonly left: number
  readonly timestamps: Timestamps
  /** Lines as they were written, with nothing beside them. */
  readonly raw: boolean
  /** Lines that the config ignores are shown. */
  readonly ignored: boolean
}

export const INITIAL_LOG_VIEW: LogViewState = {
  position: { kind: 'follow' },
  selection: {},
  containers: 'own',
  filter: '',
  level: undefined,
  search: '',
  match: undefined,
  input: undefined,
  wrap: true,
  left: 0,
  timestamps: 'off',
  raw: false,
  ignored: false,
}

export type LogAction =
  | { readonly type: 'follow' }
  | { readonly type: 'hold'; readonly top: LogTop }
  | { readonly type: 'select'; readonly selection: LogSelection }
  | {
      readonly type: 'toggle'
      readonly what: 'wrap' | 'raw' | 'ignored' | 'containers' | 'timestamps' | 'level'
    }
  | { readonly type: 'shift'; readonly cells: number }
  | { readonly type: 'open-input'; readonly kind: 'search' | 'filter' }
  | { readonly type: 'edit'; readonly text: string }
  | { readonly type: 'submit' }
  | { readonly type: 'cancel' }
  | { readonly type: 'set-filter'; readonly text: string }
  | { readonly type: 'matched'; readonly seq: number | undefined }

/** What the view is after an action. Total and pure. */
export function reduceLogView(state: LogViewState, action: LogAction): LogViewState {
  switch (action.type) {
    case 'follow':
      return state.position.kind === 'follow' ? state : { ...state, position: { kind: 'follow' } }
    case 'hold':
      return { ...state, position: { kind: 'held', top: action.top } }
    case 'select':
      return { ...state, selection: action.selection }
    case 'toggle':
      return toggle(state, action.what)
    case 'shift':
      return state.wrap ? state : { ...state, left: Math.max(0, state.left + action.cells) }
    case 'open-input':
      return { ...state, input: { kind: action.kind, text: action.kind === 'filter' ? state.filter : '' } }
    case 'edit':
      return state.input === undefined ? state : { ...state, input: check(state.input.kind, action.text) }
    case 'submit':
      return submit(state)
    case 'cancel':
      return cancel(state)
    case 'set-filter':
      return { ...state, filter: action.text }
    case 'matched':
      return { ...state, match: action.seq }
  }
}

function toggle(state: LogViewState, what: (LogAction & { type: 'toggle' })['what']): LogViewState {
  switch (what) {
    case 'wrap':
      return { ...state, wrap: !state.wrap, left: 0 }
    case 'raw':
      return { ...state, raw: !state.raw }
    case 'ignored':
      return { ...state, ignored: !state.ignored }
    case 'containers':
      return { ...state, containers: state.containers === 'own' ? 'all' : 'own' }
    case 'timestamps':
      return { ...state, timestamps: NEXT_TIMESTAMPS[state.timestamps] }
    case 'level':
      return { ...state, level: nextLevel(state.level) }
  }
}

const NEXT_TIMESTAMPS: Readonly<Record<Timestamps, Timestamps>> = {
  off: 'local',
  local: 'relative',
  relative: 'off',
}

function submit(state: LogViewState): LogViewState {
  const { input } = state
  if (input === undefined) return state
  const checked = check(input.kind, input.text)
  if (checked.problem !== undefined) return { ...state, input: checked }
  if (input.kind === 'filter') return { ...state, input: undefined, filter: input.text.trim() }
  // An empty search repeats the last one, as in less and vim.
  const search = input.text === '' ? state.search : input.text
  return { ...state, input: undefined, search, match: undefined }
}

/** Escape undoes one thing at a time: the input, then the search, then the filters. */
function cancel(state: LogViewState): LogViewState {
  if (state.input !== undefined) return { ...state, input: undefined }
  if (state.search !== '') return { ...state, search: '', match: undefined }
  return { ...state, filter: '', level: undefined }
}

function check(kind: LogInput['kind'], text: string): LogInput {
  const parsed = parseFilter(text, { terms: kind === 'filter' })
  return { kind, text, ...(parsed.ok ? {} : { problem: parsed.error }) }
}
