import type { RouteTable } from './compiled-routes.js'
import type { BackendRef } from './route-table.js'

/** The Services that rules lead to, once for each rule. */
export function tableBackends(table: RouteTable): readonly BackendRef[] {
  const ofIngresses = [...table.ingress.servers.values()].flatMap(({ locations }) =>
    locations.flatMap(({ backend, canary }) => [
      ...(backend === undefined ? [] : [backend]),
      ...(canary === undefined ? [] : [canary.backend]),
    ]),
  )
  const ofRoutes = table.gateway.listeners.flatMap(({ candidates }) =>
    candidates.flatMap(({ rule }) =>
      rule.backends.flatMap(({ backend }) => ('invalid' in backend ? [] : [backend])),
    ),
  )
  return [...ofIngresses, ...ofRoutes]
}
