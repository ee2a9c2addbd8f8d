import type { State } from '../../core/state.js'
import { problemViews } from './problem-view.js'
import { rowText } from './row.js'
import { saveLine } from './save-line.js'
import { serviceViews } from './service-view.js'
import { oneLine } from './text.js'

/** What stays on the primary screen when the screen of `up` is left: what is live, what is wrong, how to come back, unless it goes. */
export function farewell(
  state: State,
  { now, down }: { readonly now: number; readonly down: boolean },
): readonly string[] {
  const context = { state, saves: {}, now }
  const views = serviceViews(context)
  const open = views.filter(({ phase }) => phase !== 'live')
  const where = state.cluster.kind === 'connected' ? ` on ${state.cluster.context}` : ''
  const said = rowText(saveLine(context))
  const titles = problemViews(state).map(({ title }) => oneLine(title))
  return [
    `${state.project.name}${where}: ${views.length - open.length} of ${views.length} services live`,
    ...(views.length === 0 ? [] : [said]),
    ...open.map(
      ({ mark, name, way }) => `${mark.tone === 'busy' ? '·' : mark.sign} ${name}: ${way.current.text}`,
    ),
    ...titles.filter(title => !said.includes(title)).map(title => `✗ ${title}`),
    ...(down ? [] : ['devloop up: back to it · devloop down: take it all away']),
  ]
}
