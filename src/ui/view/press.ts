import type { DroppedObject } from '../../core/prune/prune-state.js'
import { pruneQuestion } from './dropped-panel.js'
import type { ActionId, KeyContext } from './key-context.js'
import { bindingOf } from './keymap.js'
import { FOLD } from './services-table.js'
import { DEVLOOP_SOURCE, type Pane, type UiEffect, type UiState } from './ui-state.js'

/** What the screen shows at the moment of a key. */
export interface ScreenFacts {
  readonly context: KeyContext
  /** Ids of the rows that can be selected, from top to bottom. */
  readonly ids: readonly string[]
  /** The selected service; undefined where another row is selected. */
  readonly service: string | undefined
  /** Ids of the problems, and the one that is open. */
  readonly problems: readonly string[]
  readonly problem: string | undefined
  /** What the manifests no longer have. */
  readonly dropped: readonly DroppedObject[]
  /** How far what is open can be scrolled, and by how many rows a page goes. */
  readonly scrollLimit: number
  readonly page: number
  /** The card of the problem is shown from its end: scrolling goes up. */
  readonly fromEnd: boolean
}

export interface Pressed {
  readonly ui: UiState
  readonly effects: readonly UiEffect[]
}

/** What a key does. Pure: the effects are for the caller to carry out. */
export function press(key: string, ui: UiState, facts: ScreenFacts): Pressed {
  if (ui.confirm !== undefined) return answer(key, ui, ui.confirm.effect)
  const quiet = ui.message === undefined ? ui : { ...ui, message: undefined }
  const binding = bindingOf(key, facts.context)
  if (binding === undefined) return goesToLogs(ui, facts) ? logKey(quiet) : { ui: quiet, effects: [] }
  return perform(binding.id, quiet, facts)
}

/** Enter is no answer to a question that a person may not have read. */
function answer(key: string, ui: UiState, effect: UiEffect): Pressed {
  const closed = { ...ui, confirm: undefined, panel: ui.panel === 'dropped' ? undefined : ui.panel }
  if (key === 'ctrl-c') return { ui: closed, effects: [{ type: 'quit', down: false }] }
  if (key === 'y' || key === 'Y') return { ui: closed, effects: [effect] }
  return key === 'n' || key === 'N' || key === 'escape' || key === 'q'
    ? { ui: closed, effects: [] }
    : { ui, effects: [] }
}

const goesToLogs = (ui: UiState, { context }: ScreenFacts): boolean =>
  ui.panel === undefined && (context.pane === 'logs' || ui.logsOnly)

const logKey = (ui: UiState): Pressed => ({ ui, effects: [{ type: 'log-key' }] })
const just = (ui: UiState): Pressed => ({ ui, effects: [] })

function perform(id: ActionId, ui: UiState, facts: ScreenFacts): Pressed {
  switch (id) {
    case 'next-pane':
      return just(movePane(ui, facts, 1))
    case 'previous-pane':
      return just(movePane(ui, facts, -1))
    case 'up':
    case 'down':
    case 'page-up':
    case 'page-down':
    case 'first':
    case 'last':
      return move(id, ui, facts)
    case 'next-problem':
      return just(moveProblem(ui, facts, 1))
    case 'previous-problem':
      return just(moveProblem(ui, facts, -1))
    case 'enter':
      return just(enter(ui, facts))
    case 'add-focus':
      return just(facts.service === undefined ? ui : { ...ui, focused: toggled(ui.focused, facts.service) })
    case 'back':
      return back(ui, facts)
    case 'messages': {
      const isShown = ui.focused.length === 1 && ui.focused[0] === DEVLOOP_SOURCE
      return just({ ...ui, focused: isShown ? [] : [DEVLOOP_SOURCE] })
    }
    case 'logs-only':
      return just({ ...ui, logsOnly: !ui.logsOnly, panel: undefined, problemOnly: false })
    case 'log-search':
    case 'log-next':
    case 'log-previous':
    case 'log-level':
    case 'log-wrap':
    case 'log-timestamps':
    case 'log-containers':
    case 'log-raw':
      return logKey({ ...ui, panel: undefined, problemOnly: false })
    case 'log-filter': {
      const effect: UiEffect = { type: 'log-key', as: '&' }
      return { ui: { ...ui, panel: undefined, problemOnly: false }, effects: [effect] }
    }
    case 'fold':
      return just(fold(ui))
    case 'help':
    case 'hosts':
    case 'events':
    case 'timings':
      return just({ ...ui, panel: ui.panel === id ? undefined : id, scroll: 0, problemOnly: false })
    case 'prune':
      return just({
        ...ui,
        panel: 'dropped',
        scroll: 0,
        problemOnly: false,
        confirm: pruneQuestion(facts.dropped),
      })
    case 'quit':
    case 'quit-now':
      return { ui, effects: [{ type: 'quit', down: false }] }
    case 'quit-down':
      return just({
        ...ui,
        confirm: {
          question: 'Quit, and delete everything that up created? Volumes stay.',
          effect: { type: 'quit', down: true },
        },
      })
    case 'rebuild':
    case 'redeploy':
    case 'restart':
    case 'pause':
    case 'scale':
    case 'rollback':
    case 'open':
    case 'shell':
      return facts.service === undefined ? just(ui) : ofService(id, ui, facts.service, facts.context)
  }
}

type ServiceAction = Extract<
  ActionId,
  'rebuild' | 'redeploy' | 'restart' | 'pause' | 'scale' | 'rollback' | 'open' | 'shell'
>

function ofService(id: ServiceAction, ui: UiState, service: string, context: KeyContext): Pressed {
  const does = (effect: UiEffect): Pressed => ({ ui, effects: [effect] })
  const asks = (question: string, effect: UiEffect): Pressed => just({ ...ui, confirm: { question, effect } })
  switch (id) {
    case 'rebuild':
    case 'redeploy':
    case 'restart':
      return does({ type: 'act', intent: { type: id, service } })
    case 'pause':
      return does({ type: 'act', intent: { type: context.isPaused ? 'resume' : 'pause', service } })
    case 'scale':
      return context.isScaledToZero
        ? does({ type: 'act', intent: { type: 'scale-back', service } })
        : asks(`Scale ${service} to zero pods?`, { type: 'act', intent: { type: 'scale-to-zero', service } })
    case 'rollback':
      return context.isRolledBack
        ? asks(`Run the newest image of ${service} again?`, {
            type: 'act',
            intent: { type: 'roll-forward', service },
          })
        : asks(`Roll ${service} back to what was live before?`, {
            type: 'act',
            intent: { type: 'rollback', service },
          })
    case 'open':
    case 'shell':
      return does({ type: id, service })
  }
}

/** The panes that are there: that of the problems only while there are some. */
function movePane(ui: UiState, { context }: ScreenFacts, by: 1 | -1): UiState {
  if (ui.panel !== undefined) return { ...ui, panel: undefined, scroll: 0 }
  const panes: readonly Pane[] = context.hasProblem ? ['services', 'problems', 'logs'] : ['services', 'logs']
  const at = panes.indexOf(context.pane)
  const pane = panes[(at + by + panes.length) % panes.length] ?? 'services'
  return { ...ui, pane, logsOnly: false, problemOnly: false, scroll: 0 }
}

type Movement = Extract<ActionId, 'up' | 'down' | 'page-up' | 'page-down' | 'first' | 'last'>

function move(id: Movement, ui: UiState, facts: ScreenFacts): Pressed {
  if (ui.panel !== undefined) return just({ ...ui, scroll: scrolled(id, ui.scroll, facts) })
  if (goesToLogs(ui, facts)) return logKey(ui)
  if (facts.context.pane === 'problems' || ui.problemOnly)
    return just({ ...ui, scroll: scrolled(facts.fromEnd ? MIRRORED[id] : id, ui.scroll, facts) })
  const { ids, page } = facts
  const at = Math.max(0, ids.indexOf(ui.selected))
  const to = Math.max(0, Math.min(ids.length - 1, target(id, { at, page, last: ids.length - 1 })))
  return just({ ...ui, selected: ids[to] ?? ui.selected })
}

const MIRRORED: Readonly<Record<Movement, Movement>> = {
  up: 'down',
  down: 'up',
  'page-up': 'page-down',
  'page-down': 'page-up',
  first: 'last',
  last: 'first',
}

const scrolled = (id: Movement, at: number, { page, scrollLimit: last }: ScreenFacts): number =>
  Math.max(0, Math.min(last, target(id, { at: Math.min(at, last), page, last })))

function target(id: Movement, { at, page, last }: { at: number; page: number; last: number }): number {
  switch (id) {
    case 'up':
      return at - 1
    case 'down':
      return at + 1
    case 'page-up':
      return at - page
    case 'page-down':
      return at + page
    case 'first':
      return 0
    case 'last':
      return last
  }
}

function moveProblem(ui: UiState, { problems, problem }: ScreenFacts, by: 1 | -1): UiState {
  const at = problem === undefined ? 0 : problems.indexOf(problem)
  return { ...ui, problem: problems[(at + by + problems.length) % problems.length], scroll: 0 }
}

function enter(ui: UiState, { context, service }: ScreenFacts): UiState {
  if (ui.panel !== undefined) return { ...ui, panel: undefined, scroll: 0 }
  if (context.pane === 'logs') return { ...ui, logsOnly: !ui.logsOnly }
  if (context.pane === 'problems') return { ...ui, problemOnly: !ui.problemOnly, scroll: 0 }
  if (ui.selected === FOLD) return fold(ui)
  if (service === undefined) return ui
  const isOnly = ui.focused.length === 1 && ui.focused[0] === service
  return { ...ui, focused: isOnly ? [] : [service] }
}

/** One thing at a time: what is open, then what is larger than usual, then what the logs are limited to. */
function back(ui: UiState, { context }: ScreenFacts): Pressed {
  if (ui.panel !== undefined) return just({ ...ui, panel: undefined, scroll: 0 })
  if (ui.problemOnly) return just({ ...ui, problemOnly: false, scroll: 0 })
  if (context.pane === 'logs' || ui.logsOnly) {
    return ui.logsOnly ? { ui: { ...ui, logsOnly: false }, effects: [] } : logKey(ui)
  }
  if (ui.focused.length > 0) return just({ ...ui, focused: [] })
  // Whoever searched or filtered from another pane gets out of it from there.
  return context.pane === 'problems' ? just({ ...ui, pane: 'services', scroll: 0 }) : logKey(ui)
}

/** Folding away the selected row leaves the heading selected. */
const fold = (ui: UiState): UiState => ({
  ...ui,
  folded: !ui.folded,
  selected:
    !ui.folded && ui.selected.includes('/') && !ui.selected.startsWith('service/') ? FOLD : ui.selected,
})

const toggled = (names: readonly string[], name: string): readonly string[] =>
  names.includes(name)
    ? names.filter(other => other !== name)
    : [...names.filter(other => other !== DEVLOOP_SOURCE), name]
