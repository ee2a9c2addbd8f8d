import { footerRow } from './footer.js'
import { headerRows } from './header.js'
import { isSmall } from './layout.js'
import type { ScreenFacts } from './press.js'
import { fill } from './problem-card.js'
import { fitRow, type Row } from './row.js'
import { smallBody, splitBody, wholeBody } from './screen-body.js'
import { contextOf, isMoving, itemsOf, type ScreenInput, targetOf } from './screen-items.js'
import { selectableIds } from './services-table.js'

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
      dropped: input.state.prune.dropped,
      scrollLimit: body.scrollLimit ?? 0,
      page: Math.max(1, body.page ?? room - 2),
      fromEnd: items.problem?.shows === 'end',
    },
    isMoving: isMoving(input.state, items),
    createdAt: body.createdAt ?? [],
  }
}
