import { printFields } from '../core/manifest/print.js'
import type { StreamReport } from '../core/verify/stream-report.js'
import type { VerifyReport } from '../core/verify/verify-report.js'

const WORDS: Readonly<Record<string, string>> = {
  refused: 'refused',
  reset: 'cut off',
  timeout: 'timed out',
  unreachable: 'not reachable',
  'server-error': 'answered 5xx',
  other: 'failed otherwise',
}

/** The report of one workload, for people. */
export function formatVerify(report: VerifyReport): string {
  const { service, workload, through, way, took, replaced, stream, gateway, findings, patch } = report
  const how =
    way.kind === 'pod'
      ? `by ${way.program} in a pod of its own (${way.image})`
      : `by the API server's proxy, which picks pods by itself (${way.reason})`
  const pods = `${replaced} ${replaced === 1 ? 'pod' : 'pods'} replaced`
  const lines = [
    `${report.ok ? '✓' : '✗'} ${service}: ${workload}, ${report.rate} requests a second to ${through} ${how}`,
    `    ${took === undefined ? `not all pods were replaced in time (${pods})` : `${pods} in ${seconds(took)}`}`,
    `    through the Service: ${streamText(stream)}`,
    'left_out' in gateway
      ? `    through the gateway: not asked: ${gateway.left_out}`
      : `    through the gateway: ${streamText(gateway)}`,
  ]
  const { statuses } = stream
  if (Object.keys(statuses).length > 0 && Object.keys(statuses).every(status => status.startsWith('4')))
    lines.push(`    every answer was ${Object.keys(statuses).join(', ')}: --path names a path that it serves`)
  if (findings.length > 0)
    lines.push(
      `    ${stream.failed > 0 ? 'missing:' : 'nothing was lost this time; still missing:'}`,
      ...findings.map(({ message }) => `    - ${message}`),
    )
  if (patch !== undefined)
    lines.push(
      '    what would give it, for the manifest:',
      ...printFields(patch)
        .trimEnd()
        .split('\n')
        .map(line => `      ${line}`),
    )
  return `${lines.join('\n')}\n`
}

function streamText({ requests, failed, causes, words, gap, recovered, slowest }: StreamReport): string {
  const slow = `slowest ${slowest} ms`
  if (failed === 0) return `${requests} requests, none failed; ${slow}`
  const counts = Object.entries(causes).map(([cause, count]) => `${count} ${WORDS[cause] ?? cause}`)
  const others = words.other === undefined ? '' : ` (${words.other})`
  const end = recovered ? '' : ', and it does not answer yet'
  return `${requests} requests, ${failed} failed: ${counts.join(', ')}${others}; longest gap ${gap} ms${end}; ${slow}`
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`
