import type { RouteTable } from './compiled-routes.js'
import type { BackendRef } from './route-table.js'

/** `http://tour.xyz:8080`; port 80 goes without saying. */
const addressAt = (host: string, port: number): string => `http://${host}${port === 80 ? '' : `:${port}`}`

/** What a browser can open: the names of rules, then the `.localhost` names of the project's services. Wildcards are no addresses. */
export function gatewayAddresses(
  table: RouteTable,
  named: ReadonlyMap<string, BackendRef>,
  port: number,
): readonly string[] {
  const hosts = [
    ...table.ingress.servers.keys(),
    ...table.gateway.listeners.flatMap(({ candidates }) => candidates.map(({ hostname }) => hostname)),
  ].filter(host => host !== '_' && host !== '' && !host.startsWith('*'))
  const own = [...named.keys()].map(name => `${name}.localhost`).filter(name => table.names.has(name))
  return [...new Set([...hosts, ...own])].map(host => addressAt(host, port))
}

/** The address of each service: that of a rule that leads to it and whose name this machine finds, else its `.localhost` name. */
export function gatewayUrls(
  table: RouteTable,
  named: ReadonlyMap<string, BackendRef>,
  options: { readonly port: number; readonly isFound: (host: string) => boolean },
): Readonly<Record<string, string>> {
  const urls: Record<string, string> = {}
  for (const [name, { namespace, service }] of named) {
    const leads = (backend: BackendRef | undefined) =>
      backend?.service === service && backend.namespace === namespace
    const rules = [...table.ingress.servers.values()].flatMap(({ host, locations }) =>
      locations.filter(({ backend }) => leads(backend)).map(({ path }) => ({ host, path })),
    )
    const found = rules.find(({ host }) => host !== '_' && !host.startsWith('*') && options.isFound(host))
    const path = found !== undefined && /^\/[\w\-./~]*$/.test(found.path) ? found.path : '/'
    const url = addressAt(found?.host ?? `${name}.localhost`, options.port)
    if (found !== undefined || table.names.has(`${name}.localhost`)) urls[name] = `${url}${path}`
  }
  return urls
}
