import type { HostName, HostsReport } from '../core/hosts/hosts-report.js'

/** What is to be told of names, one thing a line. Names whose address cannot be known for one reason are told together. */
export function formatHosts(file: string, names: readonly HostName[]): readonly string[] {
  const unknown = new Map<string, string[]>()
  for (const { name, state, hint = 'its address is not known' } of names)
    if (state === 'unknown') unknown.set(hint, [...(unknown.get(hint) ?? []), name])
  return [
    ...names.filter(({ state }) => state !== 'unknown').map(host => formatHost(file, host)),
    ...[...unknown].map(([hint, group]) => `${group.join(', ')}: ${hint}`),
  ]
}

function formatHost(file: string, { name, state, address, resolvesTo, line, hint }: HostName): string {
  if (state === 'ok') return `${name} leads to ${resolvesTo.join(', ') || 'this machine'} here now`
  const what =
    state === 'missing'
      ? `${name} is not known here`
      : `${name} leads to ${resolvesTo.join(', ') || 'this machine'} here, not to ${address}`
  const remedy = line === undefined ? hint : `add "${line}" to ${file}, or run devloop hosts apply`
  return remedy === undefined ? what : `${what}: ${remedy}`
}

const WORDS = {
  ok: '✓ right',
  missing: '✗ unknown here',
  wrong: '✗ elsewhere',
  unknown: '? not known',
} as const

/** What a name resolves to and what it must; nothing where neither says anything. */
function answers(address: string | undefined, resolvesTo: readonly string[]): readonly string[] {
  if (address === undefined && resolvesTo.length === 0) return []
  const resolves = `resolves to ${resolvesTo.join(', ') || 'nothing'}`
  return address === undefined ? [resolves] : [resolves, `must be ${address}`]
}

/** The whole report as `devloop hosts` prints it: each name, what is so and what must be, and the lines that are missing. */
export function formatReport({ file, names, lines, notes = [] }: HostsReport): readonly string[] {
  if (names.length === 0) return ['Neither the manifests nor "hosts:" in the config name a host.']
  const width = Math.max(...names.map(({ name }) => name.length))
  const told = names.flatMap(({ name, state, address, resolvesTo, wantedBy, hint }) => [
    `${name.padEnd(width)}  ${[WORDS[state], ...answers(address, resolvesTo)].join(', ')}`,
    ...(hint === undefined ? [] : [`${' '.repeat(width)}  → ${hint}`]),
    `${' '.repeat(width)}  wanted by ${wantedBy.join(', ')}`,
  ])
  const missing =
    lines.length === 0
      ? []
      : ['', `Missing in ${file} (devloop hosts apply adds them):`, ...lines.map(line => `  ${line}`)]
  return [...told, ...missing, ...(notes.length === 0 ? [] : ['', ...notes])]
}
