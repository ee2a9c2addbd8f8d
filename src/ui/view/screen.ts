import { rollbackImage } from '../../core/answer-intent.js'
import type { HostsReport } from '../../core/hosts/hosts-report.js'
import type { State } from '../../core/state.js'
import { eventsOf, eventsRows, keysOf } from './events-panel.js'
import { footerRow, missingHosts } from './footer.js'
import { headerRows } from './header.js'
import { helpRows } from './help.js'
import { hostsRows } from './hosts-panel.js'
import type { KeyContext } from './keymap.js'
import { isSmall, type ScreenSize, SMALLEST, shareOut } from './layout.js'
import type { ScreenFacts } from './press.js'
import { cardHeight, fill, problemCard, windowOf } from './problem-card.js'
import { type ProblemView, problemViews } from './problem-view.js'
import { fitRow, type Row, ruleRow, span, spread, textRow } from './row.js'
import {
  type ItemView,
  isBusy,
  serviceId,
  serviceViews,
  type ViewContext,
  workloadViews,
} from './service-view.js'
import {
  type Entry,
  entryRow,
  FOLD,
  nameColumns,
  podColumns,
  selectableIds,
  type TableLook,
  tableEntries,
  visibleEntries,
} from './services-table.js'
import type { Panel, UiState } from './ui-state.js'

/** All that the screen shows, row by row; between `above` and `below` stands the log pane. */
export interface Screen {
  readonly above: readonly Row[]
  /** Rows of the log pane; 0 where it is not shown. */
  readonly logs: number
  readonly below: readonly Row[]
  /** What keys need to know of it. */
  readonly facts: ScreenFacts
  /** Whether something moves: a clock, a mark. */
  readonly isMoving: boolean
  /** Times of creation of the pods that are shown, whose ages grow. */
  readonly createdAt: readonly number[]
}

export interface ScreenInput extends ViewContext {
  readonly ui: UiState
  readonly size: ScreenSize
  /** What can be opened in a browser, by service. */
  readonly urls: Readonly<Record<string, string>>
  /** How the names of the routes resolve; undefined before that is known. */
  readonly hosts: HostsReport | undefined
}

/** The whole screen of `devloop up`. Pure: the same input, the same rows; each of them exactly as wide as the screen. */
export function screenOf(input: ScreenInput): Screen {
  const { ui, size } = input
  const { columns } = size
  const items = itemsOf(input)
  const header = headerRows(input, columns)
  const room = size.rows - 1 - header.length - 1
  const body = isSmall(size)
    ? smallBody(input, items, room)
    : (wholeBody(input, items, room) ?? splitBody(input, items, room))
  const context = contextOf(input, items)
  const exactly = (rows: readonly Row[]): readonly Row[] => rows.map(row => fitRow(row, columns))
  return {
    above: exactly([...header, ...fill(body.rows, room - body.logs)]).slice(0, Math.max(1, size.rows - 1)),
    logs: body.logs,
    below: room < 0 ? [] : exactly([footerRow(ui, context, columns)]),
    facts: {
      context,
      ids: selectableIds(items.entries),
      service: targetOf(input, items),
      problems: items.problems.map(({ id }) => id),
      problem: items.problem?.id,
      scrollLimit: body.scrollLimit ?? 0,
      page: Math.max(1, body.page ?? room - 2),
      fromEnd: items.problem?.shows === 'end',
    },
    isMoving: isMoving(input.state, items),
    createdAt: body.createdAt ?? [],
  }
}

/** The service that keys act on: that of the open problem while keys go there, else the selected one. */
function targetOf({ ui }: ScreenInput, { problem, service }: Items): string | undefined {
  const isProblem = ui.problemOnly || ui.pane === 'problems'
  return (isProblem ? problem?.services[0] : undefined) ?? service?.name
}

interface Items {
  readonly services: readonly ItemView[]
  readonly workloads: readonly ItemView[]
  readonly entries: readonly Entry[]
  /** The id of the selected row that is there. */
  readonly selected: string
  readonly service: ItemView | undefined
  readonly problems: readonly ProblemView[]
  readonly problem: ProblemView | undefined
}

/** What lies between the header and the footer. */
interface Body {
  readonly rows: readonly Row[]
  readonly logs: number
  readonly scrollLimit?: number
  readonly page?: number
  readonly createdAt?: readonly number[]
}

function itemsOf(input: ScreenInput): Items {
  const { state, ui, size } = input
  const services = serviceViews(input)
  const workloads = workloadViews(input)
  const ids = [...services, ...workloads].map(({ id }) => id)
  const selected = ui.selected === FOLD || ids.includes(ui.selected) ? ui.selected : (ids[0] ?? FOLD)
  const rows = Math.floor(size.rows * 0.4)
  const problems = problemViews(state)
  return {
    services,
    workloads,
    entries: tableEntries({ services, workloads, selected, folded: ui.folded, rows }),
    selected,
    service: services.find(({ id }) => id === selected),
    problems,
    problem: problems.find(({ id }) => id === ui.problem) ?? problems[0],
  }
}

/** A problem, the help or the logs over everything else; undefined where nothing is. */
function wholeBody(input: ScreenInput, items: Items, rows: number): Body | undefined {
  const { ui, size } = input
  if (ui.panel === 'help') return panelBody(input, items, { panel: ui.panel, rows })
  if (ui.problemOnly && items.problem !== undefined) return problemBody(input, items, rows)
  if (!ui.logsOnly || ui.panel !== undefined) return undefined
  const said = items.problem === undefined ? [] : [problemLine(items, size.columns)]
  return { rows: said, logs: rows - said.length }
}

function splitBody(input: ScreenInput, items: Items, rows: number): Body {
  const { ui, size } = input
  const wanted = items.problem === undefined ? 0 : cardHeight(items.problem, size.columns) + 1
  const heights = shareOut(rows, { services: items.entries.length + 1, problems: wanted })
  const table = tableBody(input, items, heights.services)
  const problem = heights.problems === 0 ? undefined : problemBody(input, items, heights.problems)
  const open = [...table.rows, ...(problem?.rows ?? [])]
  if (ui.panel === undefined) {
    const scrollLimit = problem?.scrollLimit ?? 0
    return { ...table, rows: open, logs: heights.logs, scrollLimit }
  }
  // What was asked for comes before what is always there.
  const room = Math.max(heights.logs, Math.min(rows - table.rows.length, Math.ceil(rows / 2)))
  const panel = panelBody(input, items, { panel: ui.panel, rows: room })
  const above =
    problem === undefined || rows - table.rows.length - room < 1
      ? []
      : problemBody(input, items, rows - table.rows.length - room).rows
  return { ...panel, rows: [...table.rows, ...above, ...panel.rows] }
}

function smallBody(input: ScreenInput, items: Items, rows: number): Body {
  const { columns } = input.size
  const said = items.problem === undefined ? [] : [problemLine(items, columns)]
  const small = textRow(
    `${columns}×${input.size.rows} is small: from ${SMALLEST.columns}×${SMALLEST.rows} on there is all`,
    'warn',
  )
  const table = visibleEntries(items.entries, items.selected, Math.max(0, rows - said.length - 1))
  const look = lookOf(input, items)
  return { rows: [...said, ...table.map(entry => entryRow(entry, look)), small], logs: 0 }
}

function lookOf(
  { ui, size, now }: ScreenInput,
  { services, workloads, selected, entries }: Items,
): TableLook {
  return {
    columns: size.columns,
    nameColumns: nameColumns([...services, ...workloads], size.columns),
    podColumns: podColumns(
      entries.flatMap(entry => (entry.kind === 'pod' ? [entry.pod] : [])),
      { columns: size.columns, now },
    ),
    selected,
    focused: ui.focused.map(serviceId),
    now,
  }
}

function tableBody(input: ScreenInput, items: Items, rows: number): Body {
  const { services, entries, selected } = items
  const shown = visibleEntries(entries, selected, rows - 1)
  const look = lookOf(input, items)
  const hidden = entries.length - shown.length
  const rule = ruleRow([span(`services ${services.length}`, 'strong')], {
    columns: input.size.columns,
    focused: input.ui.pane === 'services',
    right: hidden === 0 ? [] : [span(`${hidden} row${hidden === 1 ? '' : 's'} more`, 'dim')],
  })
  const none = services.length === 0 ? [textRow('  no services in the config', 'dim')] : []
  return {
    rows: [rule, ...(entries.length === 0 ? none : shown.map(entry => entryRow(entry, look)))],
    logs: 0,
    page: rows - 2,
    createdAt: shown.flatMap(entry => (entry.kind === 'pod' ? [entry.pod.createdAt] : [])),
  }
}

function problemLine({ problem, problems }: Items, columns: number): Row {
  const more = problems.length > 1 ? [span(`1 of ${problems.length}`, 'bad')] : []
  return spread([span('✗ ', 'bad'), span(problem?.title ?? '', 'bad')], more, columns)
}

function problemBody(input: ScreenInput, { problem, problems }: Items, rows: number): Body {
  const { ui, size } = input
  if (problem === undefined) return { rows: [], logs: 0 }
  const at = problems.indexOf(problem) + 1
  const count = problems.length
  const rule = ruleRow(
    [
      span(count === 1 ? 'problem' : `problem ${at} of ${count}`, 'bad'),
      span(`  ${problem.of.join(', ')}`, 'strong'),
    ],
    {
      columns: size.columns,
      focused: ui.pane === 'problems' || ui.problemOnly,
      right: count === 1 ? [] : [span(']', 'key'), span(' next', 'dim')],
    },
  )
  const card = problemCard(problem, { rows: rows - 1, columns: size.columns, scroll: ui.scroll })
  return { rows: [rule, ...card.rows], logs: 0, scrollLimit: card.scrollLimit, page: rows - 2 }
}

function panelBody(input: ScreenInput, items: Items, { panel, rows }: { panel: Panel; rows: number }): Body {
  const { ui, size } = input
  const all = contentOf(input, items, panel)
  const room = rows - 1
  const rule = ruleRow([span(titleOf(panel, items), 'strong')], {
    columns: size.columns,
    focused: true,
    right: [span('esc', 'key'), span(' close', 'dim')],
  })
  return {
    rows: [rule, ...fill(windowOf(all, { rows: room, scroll: ui.scroll, from: 'beginning' }), room)],
    logs: 0,
    scrollLimit: Math.max(0, all.length - room),
    page: room - 1,
  }
}

function titleOf(panel: Panel, { selected, service }: Items): string {
  switch (panel) {
    case 'help':
      return 'keys'
    case 'hosts':
      return 'names on this machine'
    case 'events':
      return `warnings about ${service?.name ?? (selected === FOLD ? 'everything' : (selected.split('/').at(-1) ?? ''))}`
  }
}

function contentOf(
  { state, size, now, hosts }: ScreenInput,
  { selected, service }: Items,
  panel: Panel,
): readonly Row[] {
  switch (panel) {
    case 'help':
      return helpRows(size.columns)
    case 'hosts':
      return hostsRows(hosts, size.columns)
    case 'events': {
      const keys = keysOf(state, {
        id: selected,
        ...(service === undefined ? {} : { service: service.name }),
      })
      return eventsRows(eventsOf(state, keys), { columns: size.columns, now })
    }
  }
}

function contextOf(input: ScreenInput, items: Items): KeyContext {
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
    canRollBack: service !== undefined && rollbackImage(service) !== undefined,
    isFocused: service !== undefined && ui.focused.length === 1 && ui.focused[0] === service.name,
    isLogsOnly: ui.logsOnly,
    isProblemOnly: ui.problemOnly,
    canOpen: service !== undefined && urls[service.name] !== undefined,
    hostsMissing: missingHosts(hosts),
  }
}

/** Whether a mark or a clock moves: otherwise there is no reason to draw again before something happens. */
function isMoving({ cluster, batches, render, mode }: State, { services, workloads }: Items): boolean {
  return (
    (mode.deploy && cluster.kind === 'connecting') ||
    batches.some(({ save }) => save === undefined) ||
    render.run !== undefined ||
    [...services, ...workloads].some(({ phase }) => isBusy(phase))
  )
}
