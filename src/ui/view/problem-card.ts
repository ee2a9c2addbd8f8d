import type { ProblemView } from './problem-view.js'
import { emptyRow, type Row, rowOf, span, textRow } from './row.js'
import { cutEnd, oneLine, wrapText } from './text.js'

export interface Card {
  readonly rows: readonly Row[]
  /** How far its middle can be scrolled. */
  readonly scrollLimit: number
}

/** The card of one problem in at most so many rows. What does not fit is said, and can be scrolled to. */
export function problemCard(
  problem: ProblemView,
  { rows, columns, scroll }: { readonly rows: number; readonly columns: number; readonly scroll: number },
): Card {
  if (rows < 1) return { rows: [], scrollLimit: 0 }
  const head = headRows(problem, columns, rows).slice(0, rows)
  const hints = hintRows(problem, columns)
  const body = bodyRows(problem, columns)
  const room = rows - head.length
  // What happened comes before what to do.
  const hintRoom = Math.max(0, room - Math.min(body.length, LEAST_BODY))
  const shown = hints.slice(0, hintRoom)
  const bodyRoom = room - shown.length
  return {
    rows: [...head, ...windowOf(body, { rows: bodyRoom, scroll, from: problem.shows }), ...shown],
    scrollLimit: Math.max(0, body.length - bodyRoom),
  }
}

const LEAST_BODY = 4

/** The rows that the whole card would take. */
export function cardHeight(problem: ProblemView, columns: number): number {
  return (
    headRows(problem, columns, Number.POSITIVE_INFINITY).length +
    bodyRows(problem, columns).length +
    hintRows(problem, columns).length
  )
}

function headRows(
  { title, facts, final, kind, cause }: ProblemView,
  columns: number,
  rows: number,
): readonly Row[] {
  const titles = wrapText(oneLine(title), columns - 2).slice(0, rows > 4 ? 2 : 1)
  const recovering = !final && kind === 'rollout-failed' ? ['it may still recover'] : []
  const known = [...facts, ...recovering].join(' · ')
  return [
    ...titles.map((line, at) =>
      rowOf(span(at === 0 ? '✗ ' : '  ', 'bad'), span(cutEnd(line, columns - 2), 'bad')),
    ),
    ...(known === '' || rows < 3 ? [] : [textRow(`  ${known}`, 'strong')]),
    ...(cause === undefined || rows < 4 ? [] : [textRow(`  ${cutEnd(oneLine(cause), columns - 2)}`, 'bad')]),
  ]
}

const bodyRows = ({ detail }: ProblemView, columns: number): readonly Row[] =>
  detail.flatMap(line => wrapText(oneLine(line), columns - 4).map(part => textRow(`    ${part}`)))

const hintRows = ({ hints }: ProblemView, columns: number): readonly Row[] =>
  hints.flatMap(hint =>
    wrapText(oneLine(hint), columns - 6).map((part, at) =>
      rowOf(span(at === 0 ? '  → ' : '    ', 'accent'), span(part)),
    ),
  )

/** Part of what is too long; the row at the edge says how much is beyond it. `scroll` counts rows from where it is first shown. */
export function windowOf(
  all: readonly Row[],
  {
    rows,
    scroll,
    from,
  }: { readonly rows: number; readonly scroll: number; readonly from: 'end' | 'beginning' },
): readonly Row[] {
  if (rows < 1) return []
  if (all.length <= rows) return all
  const last = all.length - rows
  const top = Math.min(last, Math.max(0, from === 'end' ? last - scroll : scroll))
  const shown = all.slice(top, top + rows)
  const above = top
  const below = all.length - top - rows
  if (rows < 3) return shown
  return shown.map((row, at) => {
    if (at === 0 && above > 0) return textRow(`    … ${above + 1} lines above`, 'dim')
    if (at === rows - 1 && below > 0) return textRow(`    … ${below + 1} lines below`, 'dim')
    return row
  })
}

/** Rows up to a height, so that what is below stays where it is. */
export const fill = (rows: readonly Row[], height: number): readonly Row[] => [
  ...rows.slice(0, height),
  ...Array.from({ length: Math.max(0, height - rows.length) }, () => emptyRow),
]
