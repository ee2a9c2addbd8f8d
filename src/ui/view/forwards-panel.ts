import { explain } from '../../core/explain.js'
import { type ForwardState, forwardUrl } from '../../core/forwards/forward-state.js'
import { marks } from './marks.js'
import { emptyRow, type Row, rowOf, span } from './row.js'
import { padEnd, widthOf, wrapText } from './text.js'

/** The ports on this machine that lead to pods, and what stands in the way of those that do not. */
export function forwardRows(forwards: readonly ForwardState[], columns: number): readonly Row[] {
  if (forwards.length === 0) return []
  const urls = forwards.map(({ address }) => (address === undefined ? '' : forwardUrl(address)))
  const width = Math.min(Math.max(...urls.map(widthOf)), Math.floor(columns / 2))
  return [
    ...forwards.flatMap(({ target, problem }, at) => {
      if (problem === undefined)
        return [
          rowOf(
            span(`${marks.live.sign} `, marks.live.tone),
            span(padEnd(urls[at] ?? '', width), 'strong'),
            span(`  → ${target}`),
          ),
        ]
      const { title, hints } = explain(problem)
      return [
        rowOf(span(`${marks.failed.sign} `, marks.failed.tone), span(title, 'bad')),
        ...hints.flatMap(hint =>
          wrapText(hint, columns - 6).map(line => rowOf(span('  → ', 'accent'), span(line))),
        ),
      ]
    }),
    emptyRow,
  ]
}
