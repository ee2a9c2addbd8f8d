import { showKey } from './key-names.js'
import { type KeyGroup, keymap } from './keymap.js'
import { fitRow, type Row, rowOf, span, textRow } from './row.js'
import { padEnd } from './text.js'

const TITLES: Readonly<Record<KeyGroup, string>> = {
  service: 'The selected service',
  move: 'Move',
  logs: 'Logs',
  show: 'Show',
  session: 'Leave',
}

const GROUPS: readonly KeyGroup[] = ['service', 'move', 'logs', 'show', 'session']
const KEY_COLUMNS = 11

/** Every key and what the marks mean, in two columns where there is room. */
export function helpRows(columns: number): readonly Row[] {
  const groups = GROUPS.map(groupRows)
  const legend: readonly Row[] = [
    textRow('Marks', 'strong'),
    textRow('✓ live  ✗ failed  ◌ waits  ⠋ under way'),
    textRow('‖ paused  ○ scaled to zero  ↺ rolled back'),
    textRow('* its logs are shown  (old) a pod of an earlier save'),
  ]
  if (columns < 110) return [...groups.flatMap(rows => [...rows, textRow('')]), ...legend]
  const [service = [], move = [], logs = [], show = [], session = []] = groups
  return beside(
    [...service, textRow(''), ...show, textRow(''), ...session],
    [...move, textRow(''), ...logs, textRow(''), ...legend],
    columns,
  )
}

function groupRows(group: KeyGroup): readonly Row[] {
  return [
    textRow(TITLES[group], 'strong'),
    ...keymap
      .filter(binding => binding.group === group)
      .map(({ keys, help }) =>
        rowOf(span(padEnd(keys.map(showKey).join(' '), KEY_COLUMNS), 'key'), span(help)),
      ),
  ]
}

function beside(left: readonly Row[], right: readonly Row[], columns: number): readonly Row[] {
  const half = Math.floor(columns / 2)
  return Array.from({ length: Math.max(left.length, right.length) }, (_, at) => ({
    spans: [...fitRow(left[at] ?? textRow(''), half - 2).spans, span('  '), ...(right[at]?.spans ?? [])],
  }))
}
