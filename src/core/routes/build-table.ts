import { compileHttpRoutes } from './compile-http-routes.js'
import { compileIngresses } from './compile-ingress.js'
import type { RouteTable } from './compiled-routes.js'
import { lintRoutes } from './lint-routes.js'
import { localNames } from './local-names.js'
import { listIn } from './route-fields.js'
import type { BackendRef, RouteFinding, RouteSource } from './route-table.js'

export interface TableSources {
  /** Ingresses, Gateways, HTTPRoutes, ReferenceGrants, Services, Namespaces; others are passed over. */
  readonly objects: readonly RouteSource[]
  /** Services by devloop's own name of what they lead to: `tour` → the Service `tour-srv`. */
  readonly named: ReadonlyMap<string, BackendRef>
  /** Names of the config's `hosts`. */
  readonly hosts: readonly string[]
  /** Whether a Service is known to be nowhere. */
  readonly isMissing?: (backend: BackendRef) => boolean
}

export function buildRouteTable({ objects, named, hosts, isMissing }: TableSources): RouteTable {
  const ingresses = objects.filter(({ object }) => object.kind === 'Ingress')
  const ingress = compileIngresses(ingresses)
  const gateway = compileHttpRoutes(objects, isMissing === undefined ? {} : { isMissing })
  const table: RouteTable = {
    ingress: ingress.table,
    gateway: gateway.table,
    names: localNames(objects, named),
    hosts: new Set([...hosts, ...certificateNames(ingresses)]),
    findings: [],
  }
  return { ...table, findings: once([...ingress.findings, ...gateway.findings, ...lintRoutes(table)]) }
}

const certificateNames = (ingresses: readonly RouteSource[]): readonly string[] =>
  ingresses.flatMap(({ object }) => {
    return listIn(object, 'spec', 'tls')
      .flatMap(entry => listIn(entry, 'hosts'))
      .filter(host => typeof host === 'string')
  })

function once(findings: readonly RouteFinding[]): readonly RouteFinding[] {
  const seen = new Set<string>()
  return findings.filter(finding => {
    const key = JSON.stringify(finding)
    return !seen.has(key) && seen.add(key)
  })
}
