import type { Intent } from '../../core/intent.js'

/** The parts of the screen that keys can go to. */
export type Pane = 'services' | 'problems' | 'logs'

/** What may be opened over the lower part of the screen. */
export type Panel = 'help' | 'hosts' | 'events' | 'timings' | 'dropped'

/** What a key sets going outside the screen. */
export type UiEffect =
  | { readonly type: 'act'; readonly intent: Intent }
  | { readonly type: 'prune'; readonly keys: readonly string[] }
  | { readonly type: 'open'; readonly service: string }
  | { readonly type: 'shell'; readonly service: string }
  | { readonly type: 'quit'; readonly down: boolean }
  /** The key is the log pane's, as it is or under the name that it has there. */
  | { readonly type: 'log-key'; readonly as?: string }

/** What a person has set about the screen. Plain data; what it shows is in the session's state. */
export interface UiState {
  readonly pane: Pane
  readonly panel: Panel | undefined
  /** The id of the selected row of the services table. */
  readonly selected: string
  /** Whose logs are shown: names of services, none for all. `devloop` for what devloop itself tells. */
  readonly focused: readonly string[]
  /** Nothing but the logs below the header. */
  readonly logsOnly: boolean
  /** Nothing but the problem below the header. */
  readonly problemOnly: boolean
  readonly folded: boolean
  /** The id of the problem that is open; the first one where it is solved. */
  readonly problem: string | undefined
  /** Rows that the open problem or panel is scrolled by. */
  readonly scroll: number
  /** A question that has to be answered before the effect takes place. */
  readonly confirm: { readonly question: string; readonly effect: UiEffect } | undefined
  /** What came of the last key, until the next one. */
  readonly message: { readonly text: string; readonly isBad: boolean } | undefined
}

export const initialUi: UiState = {
  pane: 'services',
  panel: undefined,
  selected: '',
  focused: [],
  logsOnly: false,
  problemOnly: false,
  folded: false,
  problem: undefined,
  scroll: 0,
  confirm: undefined,
  message: undefined,
}

/** The name under which devloop's own lines are in the log store. */
export const DEVLOOP_SOURCE = 'devloop'
