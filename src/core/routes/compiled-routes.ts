import type { HttpRouteTable } from './compile-http-routes.js'
import type { IngressTable } from './compile-ingress.js'
import type { BackendRef, RouteFinding } from './route-table.js'

/** Everything that requests are matched with. */
export interface RouteTable {
  readonly ingress: IngressTable
  readonly gateway: HttpRouteTable
  /** `tour.localhost` and the like. */
  readonly names: ReadonlyMap<string, BackendRef>
  /** Names that this machine may be asked by besides those that rules name. */
  readonly hosts: ReadonlySet<string>
  readonly findings: readonly RouteFinding[]
}
