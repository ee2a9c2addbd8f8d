import { rollbackImage } from '../../core/answer-intent.js'
import type { HostsReport } from '../../core/hosts/hosts-report.js'
import type { State } from '../../core/state.js'
import { missingHosts } from './footer.js'
import type { KeyContext } from './key-context.js'
import { isSmall, type ScreenSize } from './layout.js'
import { type ProblemView, problemViews } from './problem-view.js'
import { type ItemView, isBusy, serviceViews, type ViewContext, workloadViews } from './service-view.js'
import { type Entry, FOLD, tableEntries } from './services-table.js'
import { timingLines } from './timings-view.js'
import type { UiState } from './ui-state.js'

/** All that a screen is made of. */
export interface ScreenInput extends ViewContext {
  readonly ui: UiState
  readonly size: ScreenSize
  /** What can be opened in a browser, by service. */
  readonly urls: Readonly<Record<string, string>>
  /** How the names of the routes resolve; undefined before that is known. */
  readonly hosts: HostsReport | undefined
}

/** What there is to show, and which of it is selected and open. */
export interface Items {
  readonly services: readonly ItemView[]
  readonly workloads: readonly ItemView[]
  readonly entries: readonly Entry[]
  /** The id of the selected row that is there. */
  readonly selected: string
  readonly service: ItemView | undefined
  readonly problems: readonly ProblemView[]
  readonly problem: ProblemView | undefined
}

export function itemsOf(input: ScreenInput): Items {
  const { state, ui, size } = input
  const services = serviceViews(input)
  const workloads = workloadViews(input)
  const ids = [...services, ...workloads].map(({ id }) => id)
  const selected = ui.selected === FOLD || ids.includes(ui.selected) ? ui.selected : (ids[0] ?? FOLD)
  const rows = Math.floor(size.rows * 0.4)
  const service = services.find(({ id }) => id === selected)
  const notes =
    service === undefined || isSmall(size) ? [] : timingLines(state.timings[service.name], size.columns)
  const problems = problemViews(state)
  return {
    services,
    workloads,
    entries: tableEntries({ services, workloads, selected, notes, folded: ui.folded, rows }),
    selected,
    service,
    problems,
    problem: problems.find(({ id }) => id === ui.problem) ?? problems[0],
  }
}

/** The service that keys act on: that of the open problem while keys go there, else the selected one. */
export function targetOf({ ui }: ScreenInput, { problem, service }: Items): string | undefined {
  const isProblem = ui.problemOnly || ui.pane === 'problems'
  return (isProblem ? problem?.services[0] : undefined) ?? service?.name
}

/** What decides which keys do something. */
export function contextOf(input: ScreenInput, items: Items): KeyContext {
  const { state, ui, urls, hosts } = input
  const target = targetOf(input, items)
  const service = target === undefined ? undefined : state.services[target]
  const hasProblem = items.problem !== undefined
  return {
    pane: ui.pane === 'problems' && !hasProblem ? 'services' : ui.pane,
    isPanelOpen: ui.panel !== undefined,
    hasProblem,
    problems: items.problems.length,
    // The help is read key by key: none of them does what it says meanwhile.
    hasService: service !== undefined && ui.panel !== 'help',
    hasWorkloads: items.workloads.length > 0,
    isPaused: service?.steering.paused !== undefined,
    isScaledToZero: service?.steering.scaledToZero === true,
    isRolledBack: service?.steering.rolledBack !== undefined,
    canRollBack: service !== undefined && rollbackImage(service) !== undefined,
    isFocused: service !== undefined && ui.focused.length === 1 && ui.focused[0] === service.name,
    isLogsOnly: ui.logsOnly,
    isProblemOnly: ui.problemOnly,
    canOpen: service !== undefined && urls[service.name] !== undefined,
    hostsMissing: missingHosts(hosts),
    hasAdvice: target !== undefined && (state.timings[target]?.advice.length ?? 0) > 0,
    dropped: state.prune.dropped.length,
  }
}

/** Whether a mark or a clock moves: otherwise there is no reason to draw again before something happens. */
export function isMoving({ cluster, batches, render, mode }: State, { services, workloads }: Items): boolean {
  return (
    (mode.deploy && cluster.kind === 'connecting') ||
    batches.some(({ save }) => save === undefined) ||
    render.run !== undefined ||
    [...services, ...workloads].some(({ phase }) => isBusy(phase))
  )
}
