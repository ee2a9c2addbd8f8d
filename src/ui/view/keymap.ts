import type { ActionId, KeyContext } from './key-context.js'

export type KeyGroup = 'move' | 'service' | 'logs' | 'show' | 'session'

export interface Binding {
  readonly id: ActionId
  /** As `keyName` names them; any of them. */
  readonly keys: readonly string[]
  readonly group: KeyGroup
  /** One or two words for the footer. */
  readonly label: string | ((context: KeyContext) => string)
  /** One line for the help. */
  readonly help: string
  /** Whether the key does something now. @default always */
  readonly when?: (context: KeyContext) => boolean
  /** How much the footer wants it now; 0 or absent: only the help has it. */
  readonly weight?: (context: KeyContext) => number
}

/** Only where the person sees which service it would be. */
const hasService = ({ hasService: has, isLogsOnly }: KeyContext): boolean => has && !isLogsOnly
const inServices = ({ pane }: KeyContext): boolean => pane === 'services'
const inLogs = ({ pane, isLogsOnly }: KeyContext): boolean => pane === 'logs' || isLogsOnly

/** Every key. Dispatch, the footer and the help are made of this table and nothing else. */
export const keymap: readonly Binding[] = [
  {
    id: 'next-pane',
    keys: ['tab'],
    group: 'move',
    label: 'next pane',
    help: 'to the next pane',
    weight: () => 2,
  },
  {
    id: 'previous-pane',
    keys: ['shift-tab'],
    group: 'move',
    label: 'pane before',
    help: 'to the pane before',
  },
  { id: 'up', keys: ['up', 'k'], group: 'move', label: 'up', help: 'up: a row, or a line' },
  { id: 'down', keys: ['down', 'j'], group: 'move', label: 'down', help: 'down: a row, or a line' },
  { id: 'page-up', keys: ['pageup', 'ctrl-u'], group: 'move', label: 'page up', help: 'up by a page' },
  {
    id: 'page-down',
    keys: ['pagedown', 'ctrl-d'],
    group: 'move',
    label: 'page down',
    help: 'down by a page',
  },
  { id: 'first', keys: ['home', 'g'], group: 'move', label: 'first', help: 'to the first row or line' },
  {
    id: 'last',
    keys: ['end', 'G'],
    group: 'move',
    label: 'last',
    help: 'to the last; in the logs, follow again',
  },
  {
    id: 'next-problem',
    keys: [']', 'x'],
    group: 'move',
    label: 'next problem',
    help: 'the next of several problems',
    when: ({ problems }) => problems > 1,
    weight: ({ problems }) => (problems > 1 ? 6 : 0),
  },
  {
    id: 'previous-problem',
    keys: ['['],
    group: 'move',
    label: 'problem before',
    help: 'the problem before',
    when: ({ problems }) => problems > 1,
  },
  {
    id: 'enter',
    keys: ['enter'],
    group: 'move',
    label: ({ pane, isFocused, isProblemOnly }) =>
      pane === 'problems'
        ? isProblemOnly
          ? 'smaller'
          : 'whole problem'
        : pane === 'logs'
          ? 'only logs'
          : isFocused
            ? 'all logs'
            : 'its logs',
    help: 'services: only the logs of this one, and back to all; a problem: the whole of it',
    weight: ({ pane, hasService: has }) => (pane === 'problems' ? 9 : has && pane === 'services' ? 7 : 0),
  },
  {
    id: 'add-focus',
    keys: ['space'],
    group: 'move',
    label: 'add logs',
    help: 'add this service to those whose logs are shown, or take it out',
    when: context => hasService(context) && inServices(context),
  },
  {
    id: 'back',
    keys: ['escape'],
    group: 'move',
    label: 'back',
    help: 'back: close, cancel, show all',
    weight: ({ isPanelOpen, isLogsOnly, isProblemOnly }) =>
      isPanelOpen || isLogsOnly || isProblemOnly ? 10 : 0,
  },
  {
    id: 'rebuild',
    keys: ['b'],
    group: 'service',
    label: 'rebuild',
    help: 'build its image again, even where nothing changed',
    when: hasService,
    weight: context => (inServices(context) ? 5 : 0),
  },
  {
    id: 'redeploy',
    keys: ['d'],
    group: 'service',
    label: 'redeploy',
    help: 'apply its objects again',
    when: hasService,
    weight: context => (inServices(context) ? 3 : 0),
  },
  {
    id: 'restart',
    keys: ['r'],
    group: 'service',
    label: 'restart',
    help: 'replace its pods, as its strategy says',
    when: hasService,
    weight: context => (inServices(context) ? 5 : 0),
  },
  {
    id: 'pause',
    keys: ['p'],
    group: 'service',
    label: ({ isPaused }) => (isPaused ? 'resume' : 'pause'),
    help: 'leave it as it is, whatever is saved; again: bring it up to date',
    when: hasService,
    weight: ({ isPaused, pane }) => (isPaused ? 8 : pane === 'services' ? 3 : 0),
  },
  {
    id: 'scale',
    keys: ['0'],
    group: 'service',
    label: ({ isScaledToZero }) => (isScaledToZero ? 'scale back' : 'to zero'),
    help: 'no pods; again: as many as the manifest says (asks first)',
    when: hasService,
    weight: ({ isScaledToZero, pane }) => (isScaledToZero ? 8 : pane === 'services' ? 2 : 0),
  },
  {
    id: 'rollback',
    keys: ['R'],
    group: 'service',
    label: ({ isRolledBack }) => (isRolledBack ? 'newest' : 'roll back'),
    help: 'run the image that was live before, whatever is saved; again: the newest (asks first)',
    when: context => hasService(context) && (context.canRollBack || context.isRolledBack),
    weight: ({ hasProblem, canRollBack, isRolledBack }) =>
      isRolledBack || (canRollBack && hasProblem) ? 8 : 0,
  },
  {
    id: 'open',
    keys: ['o'],
    group: 'service',
    label: 'open',
    help: 'open it in the browser',
    when: context => hasService(context) && context.canOpen,
    weight: context => (inServices(context) && context.canOpen ? 3 : 0),
  },
  {
    id: 'shell',
    keys: ['s'],
    group: 'service',
    label: 'shell',
    help: 'a shell in its container',
    when: hasService,
    weight: context => (inServices(context) ? 4 : 0),
  },
  {
    id: 'logs-only',
    keys: ['l'],
    group: 'logs',
    label: ({ isLogsOnly }) => (isLogsOnly ? 'all panes' : 'logs'),
    help: 'nothing but the logs, and back',
    weight: () => 5,
  },
  {
    id: 'messages',
    keys: ['m'],
    group: 'logs',
    label: 'messages',
    help: "devloop's own messages: saves, builds, problems; again: all logs",
    weight: context => (inLogs(context) ? 2 : 0),
  },
  {
    id: 'log-search',
    keys: ['/'],
    group: 'logs',
    label: 'search',
    help: 'search in the logs',
    weight: context => (inLogs(context) ? 7 : 3),
  },
  { id: 'log-next', keys: ['n'], group: 'logs', label: 'next', help: 'the next match' },
  { id: 'log-previous', keys: ['N'], group: 'logs', label: 'match before', help: 'the match before' },
  {
    id: 'log-filter',
    keys: ['&', 'f'],
    group: 'logs',
    label: 'filter',
    help: 'only lines that fit: text, /regex/, level>=warn',
    weight: context => (inLogs(context) ? 7 : 0),
  },
  {
    id: 'log-level',
    keys: ['L'],
    group: 'logs',
    label: 'level',
    help: 'the lowest level shown',
    weight: context => (inLogs(context) ? 3 : 0),
  },
  {
    id: 'log-wrap',
    keys: ['w'],
    group: 'logs',
    label: 'wrap',
    help: 'wrap long lines',
    weight: context => (inLogs(context) ? 4 : 0),
  },
  {
    id: 'log-timestamps',
    keys: ['t'],
    group: 'logs',
    label: 'times',
    help: 'timestamps: off, local, relative',
    weight: context => (inLogs(context) ? 4 : 0),
  },
  {
    id: 'log-containers',
    keys: ['c'],
    group: 'logs',
    label: 'containers',
    help: 'also sidecars and init containers',
    weight: context => (inLogs(context) ? 3 : 0),
  },
  {
    id: 'log-raw',
    keys: ['v'],
    group: 'logs',
    label: 'raw',
    help: 'lines as they were written, to copy',
    weight: context => (inLogs(context) ? 3 : 0),
  },
  {
    id: 'fold',
    keys: ['z'],
    group: 'show',
    label: 'fold',
    help: 'show or hide the other workloads',
    when: ({ hasWorkloads }) => hasWorkloads,
  },
  {
    id: 'events',
    keys: ['e'],
    group: 'show',
    label: 'events',
    help: "the cluster's warnings about the selected row",
    weight: ({ hasProblem }) => (hasProblem ? 4 : 1),
  },
  {
    id: 'timings',
    keys: ['T'],
    group: 'show',
    label: 'timings',
    help: 'what saves of the selected service take, and what would help',
    when: hasService,
    weight: ({ hasAdvice, pane }) => (hasAdvice && pane === 'services' ? 3 : 0),
  },
  {
    id: 'hosts',
    keys: ['h'],
    group: 'show',
    label: ({ hostsMissing }) => (hostsMissing === 0 ? 'hosts' : `hosts: ${hostsMissing} missing`),
    help: 'the names of the routes, and what the hosts file lacks',
    weight: ({ hostsMissing }) => (hostsMissing > 0 ? 8 : 1),
  },
  {
    id: 'prune',
    keys: ['P'],
    group: 'show',
    label: ({ dropped }) => `dropped: ${dropped}`,
    help: 'what the manifests no longer have, and delete it (asks first)',
    when: ({ dropped }) => dropped > 0,
    weight: ({ dropped }) => (dropped > 0 ? 9 : 0),
  },
  { id: 'help', keys: ['?'], group: 'show', label: 'help', help: 'all keys', weight: () => 12 },
  {
    id: 'quit',
    keys: ['q'],
    group: 'session',
    label: 'quit',
    help: 'quit; what is deployed stays',
    weight: () => 11,
  },
  {
    id: 'quit-down',
    keys: ['D'],
    group: 'session',
    label: 'quit and down',
    help: 'quit and delete what up created (asks first)',
  },
  {
    id: 'quit-now',
    keys: ['ctrl-c'],
    group: 'session',
    label: 'quit',
    help: 'quit at once; twice: without waiting for anything',
  },
]

/** The binding of a key that does something now. */
export function bindingOf(key: string, context: KeyContext): Binding | undefined {
  return keymap.find(binding => binding.keys.includes(key) && (binding.when?.(context) ?? true))
}

export const labelOf = ({ label }: Binding, context: KeyContext): string =>
  typeof label === 'string' ? label : label(context)
