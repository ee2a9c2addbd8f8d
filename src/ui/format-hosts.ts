import type { HostName } from '../core/hosts/hosts-report.js'

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
