import type { Body } from './body.js'
import { droppedRows } from './dropped-panel.js'
import { eventsOf, eventsRows, keysOf } from './events-panel.js'
import { forwardRows } from './forwards-panel.js'
import { helpRows } from './help.js'
import { hostsRows } from './hosts-panel.js'
import { fill, windowOf } from './problem-card.js'
import { type Row, ruleRow, span } from './row.js'
import type { Items, ScreenInput } from './screen-items.js'
import { FOLD } from './services-table.js'
import { timingsRows } from './timings-view.js'
import type { Panel } from './ui-state.js'

/** What was opened over the lower part of the screen. */
export function panelBody(
  input: ScreenInput,
  items: Items,
  { panel, rows }: { panel: Panel; rows: number },
): Body {
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
      return 'names on this machine, and ports'
    case 'dropped':
      return 'no longer in the manifests'
    case 'timings':
      return `what saves of ${service?.name ?? 'a service'} take`
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
      return [...forwardRows(state.forwards, size.columns), ...hostsRows(hosts, size.columns)]
    case 'dropped':
      return droppedRows(state.prune)
    case 'timings':
      return timingsRows(service === undefined ? undefined : state.timings[service.name], size.columns)
    case 'events': {
      const keys = keysOf(state, {
        id: selected,
        ...(service === undefined ? {} : { service: service.name }),
      })
      return eventsRows(eventsOf(state, keys), { columns: size.columns, now })
    }
  }
}
