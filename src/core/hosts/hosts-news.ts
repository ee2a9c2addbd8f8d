import type { HostName, HostsReport } from './hosts-report.js'

/** The names of which there is something to tell: those that are not right, once until that changes, and those that have become right. */
export function hostsNews(before: HostsReport | undefined, after: HostsReport): readonly HostName[] {
  const known = new Map(before?.names.map(host => [host.name, host]))
  return after.names.filter(host => {
    const was = known.get(host.name)
    if (host.state === 'ok') return was !== undefined && was.state !== 'ok'
    return was === undefined || tellable(was) !== tellable(host)
  })
}

const tellable = ({ state, address, resolvesTo, line, hint }: HostName): string =>
  JSON.stringify([state, address, resolvesTo, line, hint])
