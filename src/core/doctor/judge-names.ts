import type { HostName, HostsReport } from '../hosts/hosts-report.js'
import { type Finding, finding } from './finding.js'

/** Whether the names that are routed lead where they should on this machine. */
export function judgeNames({ names, lines, file }: HostsReport): readonly Finding[] {
  if (names.length === 0) return [finding('names', 'ok', 'neither the manifests nor the config name a host')]
  const wrong = names.filter(({ state }) => state === 'missing' || state === 'wrong')
  const unknown = names.filter(({ state }) => state === 'unknown')
  const findings: Finding[] = []
  if (wrong.length > 0)
    findings.push(
      finding(
        'names',
        'warning',
        wrong.map(words).join('; '),
        ...(lines.length === 0
          ? []
          : [
              `devloop hosts apply writes the ${lines.length === 1 ? 'line' : 'lines'} to ${file}: ${lines.join('; ')}`,
            ]),
        ...wrong.flatMap(({ name, hint }) => (hint === undefined ? [] : [`${name}: ${hint}`])),
      ),
    )
  if (unknown.length > 0)
    findings.push(
      finding(
        'names',
        'unknown',
        `where ${unknown.map(({ name }) => name).join(', ')} should lead: ${[...new Set(unknown.map(({ hint }) => hint ?? 'not known'))].join('; ')}`,
      ),
    )
  if (findings.length > 0) return findings
  return [finding('names', 'ok', names.map(words).join('; '))]
}

function words({ name, state, address, resolvesTo }: HostName): string {
  const now = resolvesTo.join(', ')
  switch (state) {
    case 'missing':
      return `${name} is not known here, and should lead to ${address}`
    case 'wrong':
      return `${name} leads to ${now || 'this machine'}, and should lead to ${address ?? 'another place'}`
    case 'ok':
    case 'unknown':
      return `${name} leads to ${now || 'this machine'}`
  }
}
