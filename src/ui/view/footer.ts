import type { HostsReport } from '../../core/hosts/hosts-report.js'
import type { KeyContext } from './key-context.js'
import { showKey } from './key-names.js'
import { type Binding, keymap, labelOf } from './keymap.js'
import { type Row, rowOf, type Span, span, spansWidth } from './row.js'
import { cutEnd, oneLine } from './text.js'
import type { UiState } from './ui-state.js'

/** The last row: a question, what came of the last key, or the keys that matter now. */
export function footerRow(ui: UiState, context: KeyContext, columns: number): Row {
  if (ui.confirm !== undefined) {
    const keys = [span(' y', 'key'), span(' yes  '), span('n', 'key'), span(' no')]
    return rowOf(span(cutEnd(ui.confirm.question, columns - spansWidth(keys)), 'warn'), ...keys)
  }
  if (ui.message !== undefined) {
    const text = cutEnd(oneLine(ui.message.text), Math.max(10, columns - 10))
    const left = [span(text, ui.message.isBad ? 'bad' : 'good'), span('  ')]
    return rowOf(...left, ...keySpans(context, columns - spansWidth(left)))
  }
  return rowOf(...keySpans(context, columns))
}

/** As many keys as fit, the weightiest of this moment, in the order of the table. */
function keySpans(context: KeyContext, columns: number): readonly Span[] {
  const wanted = keymap
    .map(binding => ({
      binding,
      weight: (binding.when?.(context) ?? true) ? (binding.weight?.(context) ?? 0) : 0,
    }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
  const taken = new Set<Binding>()
  let left = columns + GAP.length
  for (const { binding } of wanted) {
    const width = spansWidth(chip(binding, context)) + GAP.length
    if (width > left) continue
    left -= width
    taken.add(binding)
  }
  return keymap
    .filter(binding => taken.has(binding))
    .flatMap((binding, at) => [...(at === 0 ? [] : [span(GAP)]), ...chip(binding, context)])
}

const GAP = '  '

const chip = (binding: Binding, context: KeyContext): readonly Span[] => [
  span(showKey(binding.keys[0] ?? ''), 'key'),
  span(` ${labelOf(binding, context)}`, binding.id === 'hosts' && context.hostsMissing > 0 ? 'warn' : 'dim'),
]

/** Names that do not lead where they should. */
export const missingHosts = (report: HostsReport | undefined): number =>
  report === undefined
    ? 0
    : report.names.filter(({ state }) => state === 'missing' || state === 'wrong').length
