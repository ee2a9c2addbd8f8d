import type { RouteTable } from './compiled-routes.js'
import { matchHttpRoute, takesName } from './match-http-route.js'
import { ingressServer, matchIngress } from './match-ingress.js'
import { coversOneLabel, requestHost } from './request-host.js'
import type { Decision, RouteRequest, RuleRef } from './route-table.js'

/**
 * Where a request goes. A name that Ingresses have is theirs; where they have no path for it, or not the name, HTTPRoutes are asked, then devloop's
 * own `*.localhost` names, then the Ingresses' rules without a host. A name that nobody asked to be served is refused even by rules that take any
 * name: a page elsewhere whose name was made to lead to this machine must not reach the pods (DNS rebinding).
 */
export function matchRoute(table: RouteTable, request: RouteRequest): Decision {
  const host = requestHost(request.host)
  if (host === undefined) return { type: 'bad-request', message: `"${request.host}" is no host` }
  if (!isServedName(table, host.name))
    return { type: 'none', reason: 'host', message: `nothing here serves the name ${host.name}` }
  const server = ingressServer(table.ingress, host.name)
  const byIngress = server === undefined ? undefined : matchIngress(server, request)
  if (byIngress !== undefined && byIngress.type !== 'none') return byIngress
  const byGateway = matchHttpRoute(table.gateway, host, request)
  if (byGateway !== undefined && byGateway.type !== 'none') return byGateway
  const backend = table.names.get(host.name)
  if (backend !== undefined) {
    const rule: RuleRef = {
      object: `service/${backend.service}`,
      namespace: backend.namespace,
      place: undefined,
      host: host.name,
      path: '/',
    }
    return {
      type: 'proxy',
      rule,
      backend,
      target: request.target,
      host: undefined,
      requestHeaders: [],
      responseHeaders: [],
      bodyLimit: undefined,
      timeouts: { connect: undefined, idle: undefined, total: undefined },
      affinity: undefined,
      tls: false,
    }
  }
  // A name that an Ingress has never falls back to the rules without one.
  if (byIngress !== undefined) return byIngress
  const open = table.ingress.servers.get('_')
  if (open !== undefined) return matchIngress(open, request)
  return byGateway ?? { type: 'none', reason: 'path', message: `no rule is for ${host.name}` }
}

/** Whether a name is one that this machine may be asked by. */
function isServedName(table: RouteTable, name: string): boolean {
  if (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(name)
  )
    return true
  if (table.hosts.has(name) || table.ingress.servers.has(name)) return true
  if (table.ingress.wildcards.some(pattern => coversOneLabel(pattern, name))) return true
  return table.gateway.listeners.some(
    listener =>
      (listener.hostname !== '' && takesName(listener, name)) ||
      listener.candidates.some(({ hostname }) => hostname !== '' && takesName({ hostname }, name)),
  )
}
