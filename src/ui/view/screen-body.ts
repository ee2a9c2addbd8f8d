import { rollbackImage } from '../../core/answer-intent.js'
import type { State } from '../../core/state.js'
import type { Body } from './body.js'
import { SMALLEST, shareOut } from './layout.js'
import { panelBody } from './panels.js'
import { cardHeight, problemCard } from './problem-card.js'
import type { ProblemView } from './problem-view.js'
import { type Row, ruleRow, type Span, span, spread, textRow } from './row.js'
import type { Items, ScreenInput } from './screen-items.js'
import { serviceId } from './service-view.js'
import { entryRow, nameColumns, podColumns, type TableLook, visibleEntries } from './services-table.js'

/** A problem, the help or the logs over everything else; undefined where nothing is. */
export function wholeBody(input: ScreenInput, items: Items, rows: number): Body | undefined {
  const { ui, size } = input
  if (ui.panel === 'help') return panelBody(input, items, { panel: ui.panel, rows })
  if (ui.problemOnly && items.problem !== undefined) return problemBody(input, items, rows)
  if (!ui.logsOnly || ui.panel !== undefined) return undefined
  const said = items.problem === undefined ? [] : [problemLine(items, size.columns)]
  return { rows: said, logs: rows - said.length }
}

/** The table, the problem if there is one, and the logs or what was opened over them. */
export function splitBody(input: ScreenInput, items: Items, rows: number): Body {
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

/** On a terminal that is too small for all: what is wrong, and the services. */
export function smallBody(input: ScreenInput, items: Items, rows: number): Body {
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

/** What helps with this problem; the keys are about its service while it has the focus. */
function focusedKeys({ kind, services }: ProblemView, state: State): readonly Span[] {
  const service = state.services[services[0] ?? '']
  if (service === undefined) return [span('esc', 'key'), span(' back', 'dim')]
  const isRolledBack = service.steering.rolledBack !== undefined
  const canRollBack = isRolledBack || rollbackImage(service) !== undefined
  const keys: readonly (readonly [string, string])[] =
    kind === 'rollout-failed'
      ? [
          ...(canRollBack ? [['R', isRolledBack ? 'newest' : 'roll back'] as const] : []),
          ['r', 'restart'],
          ['l', 'logs'],
          ['e', 'events'],
        ]
      : [
          ['b', 'rebuild'],
          ['d', 'redeploy'],
          ['l', 'logs'],
        ]
  return keys.flatMap(([key, label], at) => [
    span(at === 0 ? key : `  ${key}`, 'key'),
    span(` ${label}`, 'dim'),
  ])
}

function problemBody(input: ScreenInput, { problem, problems }: Items, rows: number): Body {
  const { ui, size } = input
  if (problem === undefined) return { rows: [], logs: 0 }
  const at = problems.indexOf(problem) + 1
  const count = problems.length
  const focused = ui.pane === 'problems' || ui.problemOnly
  const rule = ruleRow(
    [
      span(count === 1 ? 'problem' : `problem ${at} of ${count}`, 'bad'),
      span(`  ${problem.of.join(', ')}`, 'strong'),
    ],
    {
      columns: size.columns,
      focused,
      right: [
        ...(count === 1 ? [] : [span(']', 'key'), span(' next  ', 'dim')]),
        ...(focused
          ? focusedKeys(problem, input.state)
          : [span('tab', 'key'), span(' to it and its keys', 'dim')]),
      ],
    },
  )
  const card = problemCard(problem, { rows: rows - 1, columns: size.columns, scroll: ui.scroll })
  return { rows: [rule, ...card.rows], logs: 0, scrollLimit: card.scrollLimit, page: rows - 2 }
}
