import type { HostName, HostsReport } from '../../core/hosts/hosts-report.js'
import { marks } from './marks.js'
import { emptyRow, type Row, rowOf, span, textRow } from './row.js'
import { padEnd, widthOf, wrapText } from './text.js'

/** The names that are wanted on this machine, how each resolves, and what to do about those that lead nowhere. */
export function hostsRows(report: HostsReport | undefined, columns: number): readonly Row[] {
  if (report === undefined) return [textRow('the names of the routes are not known yet', 'dim')]
  if (report.names.length === 0)
    return [textRow('no Ingress, HTTPRoute or "hosts" entry wants a name on this machine', 'dim')]
  const width = Math.min(Math.max(...report.names.map(({ name }) => widthOf(name))), Math.floor(columns / 2))
  return [
    ...report.names.flatMap(name => nameRows(name, width, columns)),
    ...(report.lines.length === 0 ? [] : linesToAdd(report)),
    ...(report.notes ?? []).flatMap(note =>
      wrapText(note, columns - 2).map(line => textRow(`  ${line}`, 'warn')),
    ),
  ]
}

function nameRows(host: HostName, width: number, columns: number): readonly Row[] {
  const { name, wantedBy, hint } = host
  const mark = host.state === 'ok' ? marks.live : host.state === 'unknown' ? marks.waiting : marks.failed
  return [
    rowOf(
      span(`${mark.sign} `, mark.tone),
      span(padEnd(name, width), 'strong'),
      span(
        `  ${stateWords(host)}`,
        host.state === 'ok' ? 'good' : host.state === 'unknown' ? 'plain' : 'bad',
      ),
    ),
    textRow(`    ${wantedBy.join(', ')}`, 'dim'),
    ...(hint === undefined
      ? []
      : wrapText(hint, columns - 6).map(line => rowOf(span('  → ', 'accent'), span(line)))),
  ]
}

function stateWords({ state, address, resolvesTo }: HostName): string {
  const now = resolvesTo.length === 0 ? 'resolves to nothing' : `resolves to ${resolvesTo.join(', ')}`
  switch (state) {
    case 'ok':
      return now
    case 'missing':
    case 'wrong':
      return `${now}${address === undefined ? '' : `, must be ${address}`}`
    case 'unknown':
      return `${now}; which address it must have is not known yet`
  }
}

const linesToAdd = ({ file, lines }: HostsReport): readonly Row[] => [
  emptyRow,
  textRow(`${file} lacks:`, 'strong'),
  ...lines.map(line => textRow(`    ${line}`)),
  rowOf(
    span('  → ', 'accent'),
    span('devloop hosts apply', 'strong'),
    span(' writes them, and shows what it changes first'),
  ),
]
