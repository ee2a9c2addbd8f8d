/** All that can be done with a key. */
export type ActionId =
  | 'next-pane'
  | 'previous-pane'
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'first'
  | 'last'
  | 'next-problem'
  | 'previous-problem'
  | 'enter'
  | 'back'
  | 'add-focus'
  | 'rebuild'
  | 'redeploy'
  | 'restart'
  | 'pause'
  | 'scale'
  | 'rollback'
  | 'open'
  | 'shell'
  | 'logs-only'
  | 'messages'
  | 'log-search'
  | 'log-next'
  | 'log-previous'
  | 'log-filter'
  | 'log-level'
  | 'log-wrap'
  | 'log-timestamps'
  | 'log-containers'
  | 'log-raw'
  | 'fold'
  | 'events'
  | 'timings'
  | 'hosts'
  | 'prune'
  | 'help'
  | 'quit'
  | 'quit-down'
  | 'quit-now'

/** What decides which keys do something at this moment, and what they are called. */
export interface KeyContext {
  readonly pane: 'services' | 'problems' | 'logs'
  readonly isPanelOpen: boolean
  readonly hasProblem: boolean
  readonly problems: number
  /** A service, and not another workload, is selected. */
  readonly hasService: boolean
  readonly hasWorkloads: boolean
  readonly isPaused: boolean
  readonly isScaledToZero: boolean
  /** It runs an earlier image on request. */
  readonly isRolledBack: boolean
  /** There is an image to go back to. */
  readonly canRollBack: boolean
  readonly isFocused: boolean
  readonly isLogsOnly: boolean
  readonly isProblemOnly: boolean
  /** The service is reachable by a name of a route. */
  readonly canOpen: boolean
  readonly hostsMissing: number
  /** Something is known that would make the saves of the service quicker. */
  readonly hasAdvice: boolean
  /** Objects of ours that the manifests no longer have. */
  readonly dropped: number
}
