import type { RouteTable } from './compiled-routes.js'
import type { RouteRow, RuleRef } from './route-table.js'
import { backendText } from './route-table.js'

/** The routes as a table, in the order in which they are tried for each host. */
export function routeRows(table: RouteTable): readonly RouteRow[] {
  const rows: RouteRow[] = []
  for (const server of table.ingress.servers.values())
    for (const { backend, path, type, rule, regex } of server.locations)
      if (backend !== undefined)
        rows.push({
          host: server.host === '_' ? '*' : server.host,
          path,
          kind: regex === undefined ? type : 'regex',
          backend: backendText(backend),
          rule: ruleText(rule),
        })
  for (const { candidates } of table.gateway.listeners)
    for (const { hostname, match, rule, ref } of candidates)
      rows.push({
        host: hostname === '' ? '*' : hostname,
        path: match.path.value,
        kind: [
          match.path.type === 'PathPrefix' ? 'Prefix' : match.path.type === 'Exact' ? 'Exact' : 'regex',
          ...(match.method === undefined ? [] : [match.method]),
          ...match.headers.map(({ name, value }) => `${name}: ${String(value)}`),
          ...match.query.map(({ name, value }) => `?${name}=${String(value)}`),
        ].join(' '),
        backend:
          rule.backends
            .map(({ backend }) => ('invalid' in backend ? '✗' : backendText(backend)))
            .join(', ') || (rule.filters.redirect === undefined ? '✗' : 'redirect'),
        rule: ruleText(ref),
      })
  for (const [host, backend] of table.names)
    rows.push({
      host,
      path: '/',
      kind: 'name',
      backend: backendText(backend),
      rule: `service/${backend.service}`,
    })
  const seen = new Set<string>()
  return rows.filter(row => {
    const key = JSON.stringify(row)
    return !seen.has(key) && seen.add(key)
  })
}

const ruleText = ({ object, place }: RuleRef): string =>
  place === undefined ? object : `${object} in ${place}`
