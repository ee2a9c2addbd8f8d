import { narrowerHost } from './request-host.js'
import { fieldsIn, listIn, namespaceOf, numberIn, placedName, textIn } from './route-fields.js'
import type { RouteFinding, RouteSource } from './route-table.js'

/** A listener of a Gateway that takes HTTP. */
export interface Listener {
  /** `namespace/name` of its Gateway. */
  readonly gateway: string
  readonly name: string
  readonly port: number
  /** Whether it speaks TLS in the cluster; here it is served without. */
  readonly isSecure: boolean
  /** Lower case; the empty one takes every name. */
  readonly hostname: string
  readonly allowed: AllowedRoutes
}

interface AllowedRoutes {
  readonly kinds: readonly string[]
  readonly from: 'Same' | 'All' | 'Selector' | 'None'
  readonly selector: unknown
}

const isGateway = ({ object }: RouteSource): boolean =>
  object.kind === 'Gateway' && object.apiVersion.startsWith('gateway.networking.k8s.io/')

/** The HTTP and HTTPS listeners of all Gateways; of those that conflict, none. */
export function listenersOf(sources: readonly RouteSource[]): {
  readonly listeners: readonly Listener[]
  readonly findings: readonly RouteFinding[]
} {
  const findings: RouteFinding[] = []
  const listeners = sources.filter(isGateway).flatMap(source => {
    const of = placedName(source)
    const own = listIn(source.object, 'spec', 'listeners').flatMap(
      (value): readonly (Listener & { protocol: string })[] => {
        const protocol = textIn(value, 'protocol') ?? ''
        const name = textIn(value, 'name') ?? ''
        if (protocol !== 'HTTP' && protocol !== 'HTTPS') {
          findings.push({
            of,
            message: `the listener ${name} speaks ${protocol}, which the gateway on this machine does not serve`,
          })
          return []
        }
        if (protocol === 'HTTPS')
          findings.push({
            of,
            message: `the listener ${name} speaks TLS in the cluster; here its routes are served without, at the gateway's own port`,
          })
        const kinds = listIn(value, 'allowedRoutes', 'kinds').map(kind => textIn(kind, 'kind') ?? '')
        const from = textIn(value, 'allowedRoutes', 'namespaces', 'from')
        return [
          {
            gateway: `${namespaceOf(source)}/${source.object.metadata.name}`,
            name,
            protocol,
            port: numberIn(value, 'port') ?? (protocol === 'HTTPS' ? 443 : 80),
            isSecure: protocol === 'HTTPS',
            hostname: (textIn(value, 'hostname') ?? '').toLowerCase(),
            allowed: {
              kinds: kinds.length === 0 ? ['HTTPRoute'] : kinds,
              from: from === 'All' || from === 'Selector' || from === 'None' ? from : 'Same',
              selector: fieldsIn(value, 'allowedRoutes', 'namespaces', 'selector'),
            },
          },
        ]
      },
    )
    const keyOf = ({ port, protocol, hostname }: (typeof own)[number]) => `${port} ${protocol} ${hostname}`
    return own.flatMap(listener => {
      const isAlone = own.filter(other => keyOf(other) === keyOf(listener)).length === 1
      if (!isAlone)
        findings.push({
          of,
          message: `the listener ${listener.name} is not served (Conflicted): another has the same port, protocol and hostname`,
        })
      const { protocol: _, ...rest } = listener
      return isAlone ? [rest] : []
    })
  })
  return { listeners, findings }
}

export interface Attachment {
  readonly listener: Listener
  /** Those of the route that the listener takes; the empty one is every name. */
  readonly hostnames: readonly string[]
}

/** The listeners that a route stands at. */
export function attachments(
  route: RouteSource,
  context: {
    readonly listeners: readonly Listener[]
    readonly sources: readonly RouteSource[]
    readonly say: (message: string) => void
  },
): readonly Attachment[] {
  const { listeners, sources, say } = context
  const names = listIn(route.object, 'spec', 'hostnames').flatMap(name =>
    typeof name === 'string' && name !== '' ? [name.toLowerCase()] : [],
  )
  const wanted = names.length === 0 ? [''] : names
  const taken = new Map<Listener, readonly string[]>()
  const parents = listIn(route.object, 'spec', 'parentRefs')
  if (parents.length === 0) say('it names no Gateway (parentRefs), so it is served nowhere')
  for (const parent of parents) {
    if ((textIn(parent, 'kind') ?? 'Gateway') !== 'Gateway') continue
    const gateway = `${textIn(parent, 'namespace') ?? namespaceOf(route)}/${textIn(parent, 'name') ?? ''}`
    if (
      !sources.some(
        source => isGateway(source) && `${namespaceOf(source)}/${source.object.metadata.name}` === gateway,
      )
    ) {
      say(`the Gateway ${gateway} is not in the manifests; its routes are served here under any listener`)
      const port = numberIn(parent, 'port') ?? 80
      taken.set(openListener(listeners, taken, { gateway, port }), wanted)
      continue
    }
    const section = textIn(parent, 'sectionName')
    const port = numberIn(parent, 'port')
    const meant = listeners.filter(
      listener =>
        listener.gateway === gateway &&
        (section === undefined || listener.name === section) &&
        (port === undefined || listener.port === port),
    )
    if (meant.length === 0) {
      say(
        `not attached to ${gateway} (NoMatchingParent): it has no listener ${section ?? ''}${port === undefined ? '' : ` at port ${port}`}`,
      )
      continue
    }
    const allowing = meant.filter(listener => isAllowed(listener, route, sources))
    if (allowing.length === 0) {
      say(`not attached to ${gateway} (NotAllowedByListeners): allowedRoutes keeps it out`)
      continue
    }
    const fitting = allowing.flatMap(listener => {
      const hostnames = wanted.flatMap(name => narrowerHost(listener.hostname, name) ?? [])
      return hostnames.length === 0 ? [] : [{ listener, hostnames: [...new Set(hostnames)] }]
    })
    if (fitting.length === 0)
      say(
        `not attached to ${gateway} (NoMatchingListenerHostname): no listener has a hostname of ${wanted.join(', ')}`,
      )
    for (const { listener, hostnames } of fitting) taken.set(listener, hostnames)
  }
  return [...taken].map(([listener, hostnames]) => ({ listener, hostnames }))
}

function openListener(
  listeners: readonly Listener[],
  taken: ReadonlyMap<Listener, unknown>,
  { gateway, port }: { readonly gateway: string; readonly port: number },
): Listener {
  const known = [...listeners, ...taken.keys()].find(
    listener => listener.gateway === gateway && listener.port === port,
  )
  const allowed: AllowedRoutes = { kinds: ['HTTPRoute'], from: 'All', selector: {} }
  return known ?? { gateway, name: '', port, isSecure: false, hostname: '', allowed }
}

function isAllowed(
  { allowed, gateway }: Listener,
  route: RouteSource,
  sources: readonly RouteSource[],
): boolean {
  const namespace = namespaceOf(route)
  if (!allowed.kinds.includes('HTTPRoute')) return false
  switch (allowed.from) {
    case 'All':
      return true
    case 'None':
      return false
    case 'Same':
      return gateway.startsWith(`${namespace}/`)
    case 'Selector': {
      const found = sources.find(
        ({ object }) => object.kind === 'Namespace' && object.metadata.name === namespace,
      )
      const labels = { 'kubernetes.io/metadata.name': namespace, ...found?.object.metadata.labels }
      return selectorFits(allowed.selector, labels)
    }
  }
}

function selectorFits(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  const equal = Object.entries(fieldsIn(selector, 'matchLabels')).every(
    ([key, value]) => labels[key] === value,
  )
  return (
    equal &&
    listIn(selector, 'matchExpressions').every(expression => {
      const label = labels[textIn(expression, 'key') ?? '']
      const values = listIn(expression, 'values')
      switch (textIn(expression, 'operator')) {
        case 'In':
          return label !== undefined && values.includes(label)
        case 'NotIn':
          return label === undefined || !values.includes(label)
        case 'Exists':
          return label !== undefined
        case 'DoesNotExist':
          return label === undefined
        default:
          return false
      }
    })
  )
}
