import type { KubeObject } from '../kube-object.js'
import type { IngressServer, Location } from './compile-ingress.js'
import type { RouteTable } from './compiled-routes.js'
import { fieldsIn, namespaceOf, placedName } from './route-fields.js'
import type { BackendRef, RouteSource, RuleRef } from './route-table.js'
import { servicePorts } from './service-port.js'
import { unservedMeaning } from './unserved-annotations.js'

export interface GatewayObjects {
  /** A Gateway for all, and an HTTPRoute for each host and namespace. */
  readonly objects: readonly KubeObject[]
  /** What of the Ingresses the HTTPRoutes do not do, each with its place. */
  readonly unequal: readonly string[]
}

const ANNOTATIONS = 'nginx.ingress.kubernetes.io/'
const API = 'gateway.networking.k8s.io/v1'

/**
 * HTTPRoutes that do what the Ingresses do, as far as the Gateway API has words for it. Order by the length of regular expressions, affinity, canary cookies and
 * idle timeouts have no equal there, and are named.
 */
export function toGateway({ ingress }: RouteTable, sources: readonly RouteSource[]): GatewayObjects {
  const unequal: string[] = []
  const ports = new Map(
    sources.flatMap(source =>
      source.object.kind === 'Service'
        ? [[`${namespaceOf(source)}/${source.object.metadata.name}`, servicePorts(source.object)] as const]
        : [],
    ),
  )
  const portOf = ({ namespace, service, port }: BackendRef, rule: RuleRef): number => {
    if (typeof port === 'number') return port
    const found = ports.get(`${namespace}/${service}`)?.find(({ name }) => name === port)
    if (found === undefined)
      unequal.push(
        `${nameOf(rule)}: the port ${port} of service/${service} is a name that no manifest explains; 80 is written`,
      )
    return found?.port ?? 80
  }
  const routes = [...ingress.servers.values()].flatMap(server => routesOf(server, { unequal, portOf }))
  if (routes.length === 0) return { objects: [], unequal }
  const gateway: KubeObject = {
    apiVersion: API,
    kind: 'Gateway',
    metadata: { name: 'gateway', namespace: routes[0]?.metadata.namespace ?? 'default' },
    spec: {
      gatewayClassName: 'CLASS',
      listeners: [
        { name: 'http', protocol: 'HTTP', port: 80, allowedRoutes: { namespaces: { from: 'All' } } },
      ],
    },
  }
  unequal.unshift('gatewayClassName: CLASS stands for the class of your cluster ("kubectl get gatewayclass")')
  if (sources.some(({ object }) => object.kind === 'Ingress' && fieldsIn(object, 'spec').tls !== undefined))
    unequal.push('tls of an Ingress is a listener with the protocol HTTPS of the Gateway: not written')
  unequal.push(...sources.flatMap(unwritten))
  return { objects: [gateway, ...routes], unequal: [...new Set(unequal)] }
}

/** Annotations that nothing is written for; those that are written in part are named with their rule. */
function unwritten(source: RouteSource): readonly string[] {
  if (source.object.kind !== 'Ingress') return []
  const of = placedName(source)
  return Object.entries(source.object.metadata.annotations ?? {}).flatMap(([key, value]) => {
    const name = key.startsWith(ANNOTATIONS) ? key.slice(ANNOTATIONS.length) : ''
    // A value that is no text is the API server's to refuse.
    if (name === '' || typeof value !== 'string' || /^\s*(0|f|false)?\s*$/i.test(value)) return []
    const instead = INSTEAD.find(([pattern]) => pattern.test(name))?.[1]
    if (instead !== undefined) return [`${of}: ${name} is not written: ${instead}`]
    return unservedMeaning(name) === undefined ? [] : [`${of}: ${name} has no equal in an HTTPRoute`]
  })
}

/** What does in the Gateway API what an annotation does, beside HTTPRoutes. */
const INSTEAD: readonly (readonly [name: RegExp, instead: string])[] = [
  [/^(force-)?ssl-redirect$/, 'an HTTPRoute at the HTTP listener with RequestRedirect to https does it'],
  [/^from-to-www-redirect$/, 'an HTTPRoute for the other name with RequestRedirect does it'],
  [/^mirror-target$/, 'the filter RequestMirror sends copies to a Service'],
  [/^backend-protocol$/, 'appProtocol of the Service and a BackendTLSPolicy say it'],
  [/^x-forwarded-prefix$/, 'the filter RequestHeaderModifier sets it, without groups of the path'],
  [/^custom-headers$/, 'the filter ResponseHeaderModifier sets headers'],
  [/^proxy-ssl-/, 'a BackendTLSPolicy says it'],
]

interface Writing {
  readonly unequal: string[]
  readonly portOf: (backend: BackendRef, rule: RuleRef) => number
}

const nameOf = ({ object, place, host, path }: RuleRef): string =>
  `${place === undefined ? object : `${object} in ${place}`}, ${host === '_' ? '' : host}${path}`

function routesOf(server: IngressServer, writing: Writing): readonly KubeObject[] {
  const { host, mode, locations, appRoot } = server
  const { unequal } = writing
  if (host.startsWith('*.'))
    unequal.push(`${host}: an Ingress takes one label for the *, an HTTPRoute any number of them`)
  if (mode === 'regex')
    unequal.push(
      `${host === '_' ? 'rules without a host' : host}: regular expressions are tried by their length, and the first that fits serves; which of two HTTPRoute matches wins depends on the implementation`,
    )
  const served = locations.filter(({ backend }) => backend !== undefined)
  const namespaces = [...new Set(served.map(({ rule }) => rule.namespace))]
  const seen = new Set<RuleRef>()
  return namespaces.map(namespace => {
    const own = served.filter(({ rule }) => {
      const isFirst = rule.namespace === namespace && !seen.has(rule)
      seen.add(rule)
      return isFirst
    })
    return {
      apiVersion: API,
      kind: 'HTTPRoute',
      metadata: {
        name: host === '_' ? 'any-host' : host.replace(/^\*/, 'any').replace(/[^a-z0-9.-]/g, '-'),
        namespace,
      },
      spec: {
        parentRefs: [
          { name: 'gateway', ...(namespace === namespaces[0] ? {} : { namespace: namespaces[0] }) },
        ],
        ...(host === '_' ? {} : { hostnames: [host] }),
        rules: [
          ...(appRoot === undefined ? [] : [appRootRule(appRoot)]),
          ...own.flatMap(location => rulesOf(location, mode, writing)),
        ],
      },
    }
  })
}

const appRootRule = (root: string) => ({
  matches: [{ path: { type: 'Exact', value: '/' } }],
  filters: [
    {
      type: 'RequestRedirect',
      requestRedirect: { path: { type: 'ReplaceFullPath', replaceFullPath: root }, statusCode: 302 },
    },
  ],
})

function rulesOf(location: Location, mode: IngressServer['mode'], writing: Writing): readonly object[] {
  const { type, backend, settings, rule, canary } = location
  const { unequal, portOf } = writing
  const say = (message: string): void => void unequal.push(`${nameOf(rule)}: ${message}`)
  if (backend === undefined) return []
  const path =
    mode === 'regex'
      ? { type: 'RegularExpression', value: `(?i)${rule.path}.*` }
      : { type: type === 'Exact' ? 'Exact' : 'PathPrefix', value: rule.path }
  const filters: object[] = []
  if (settings.redirect !== undefined) {
    const { url, status } = settings.redirect
    const to = URL.canParse(url) ? new URL(url) : undefined
    if (to === undefined) say(`the redirect to ${url} is no URL that can be taken apart`)
    else
      filters.push({
        type: 'RequestRedirect',
        requestRedirect: {
          scheme: to.protocol.slice(0, -1),
          hostname: to.hostname,
          ...(to.port === '' ? {} : { port: Number(to.port) }),
          path: { type: 'ReplaceFullPath', replaceFullPath: to.pathname },
          statusCode: status,
        },
      })
  }
  const rewrite = settings.rewriteTarget
  const isRewritten = rewrite !== undefined && rewrite !== rule.path
  if (isRewritten && rewrite.includes('$')) say(`rewrite-target ${rewrite} takes groups of the path`)
  else if (isRewritten || settings.upstreamHost !== undefined)
    filters.push({
      type: 'URLRewrite',
      urlRewrite: {
        ...(settings.upstreamHost === undefined ? {} : { hostname: settings.upstreamHost }),
        ...(isRewritten ? { path: { type: 'ReplaceFullPath', replaceFullPath: rewrite } } : {}),
      },
    })
  if (settings.cors !== undefined) {
    const { origins, methods, headers, credentials, maxAge, expose } = settings.cors
    const list = (text: string): readonly string[] => text.split(/\s*,\s*/).filter(part => part !== '')
    filters.push({
      type: 'CORS',
      cors: {
        allowOrigins: origins,
        allowMethods: list(methods),
        allowHeaders: list(headers),
        ...(expose === undefined ? {} : { exposeHeaders: list(expose) }),
        allowCredentials: credentials,
        maxAge: Number(maxAge),
      },
    })
  }
  if (settings.affinity !== undefined)
    say(`the cookie ${settings.affinity.cookie} that keeps a client at its pod`)
  if (settings.bodyLimit !== undefined && settings.bodyLimit !== 1 << 20) say('proxy-body-size')
  const { idle, connect } = settings.timeouts
  if ((idle !== undefined && idle !== 60_000) || (connect !== undefined && connect !== 5000))
    say('proxy timeouts are between two reads; those of an HTTPRoute span the whole request')
  const refOf = (to: BackendRef) => ({ name: to.service, port: portOf(to, rule) })
  const backends = settings.redirect === undefined ? [refOf(backend)] : []
  const main = { matches: [{ path }], ...(filters.length === 0 ? {} : { filters }) }
  const chosen = canary?.settings.canary
  if (canary === undefined || chosen === undefined) return [{ ...main, backendRefs: backends }]
  if (chosen.cookie !== undefined || chosen.headerPattern !== undefined)
    say('the canary by cookie or by a pattern of a header')
  const weighted =
    chosen.weight === 0
      ? backends
      : [
          { ...refOf(backend), weight: chosen.total - chosen.weight },
          { ...refOf(canary.backend), weight: chosen.weight },
        ]
  const byHeader =
    chosen.header === undefined || chosen.headerPattern !== undefined
      ? []
      : [
          {
            ...main,
            matches: [{ path, headers: [{ name: chosen.header, value: chosen.headerValue ?? 'always' }] }],
            backendRefs: [refOf(canary.backend)],
          },
        ]
  if (chosen.header !== undefined && chosen.headerValue === undefined && chosen.weight > 0)
    say(`the header ${chosen.header}: never, which keeps a request from the canary`)
  return [...byHeader, { ...main, backendRefs: weighted }]
}
