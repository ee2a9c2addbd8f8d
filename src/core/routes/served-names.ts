import type { RouteTable } from './compiled-routes.js'

/** Names and wildcards that rules, the config or devloop itself give; without rules of any name. */
export function servedNames({ ingress, gateway, names, hosts }: RouteTable): readonly string[] {
  return [
    ...new Set([
      ...[...ingress.servers.keys()].filter(host => host !== '_'),
      ...gateway.listeners.flatMap(({ hostname, candidates }) => [
        hostname,
        ...candidates.map(candidate => candidate.hostname),
      ]),
      ...names.keys(),
      ...hosts,
    ]),
  ].filter(name => name !== '')
}
