import { attachments, type Listener, listenersOf } from './gateway-listeners.js'
import { type CompiledFilters, compileFilters } from './http-route-filters.js'
import { compileMatch, type HttpMatch, matchRank } from './http-route-match.js'
import { isGranted } from './reference-grant.js'
import {
  fieldsIn,
  goDuration,
  listIn,
  namespaceOf,
  numberIn,
  objectName,
  placedName,
  textIn,
} from './route-fields.js'
import type { BackendRef, RouteFinding, RouteSource, RuleRef } from './route-table.js'

/** HTTPRoutes by the listeners that they are attached to. */
export interface HttpRouteTable {
  readonly listeners: readonly ServedListener[]
}

export interface ServedListener extends Listener {
  /** In the order of precedence. */
  readonly candidates: readonly Candidate[]
}

/** One match of one rule, under one hostname. */
export interface Candidate {
  /** The empty one is every name. */
  readonly hostname: string
  readonly match: HttpMatch
  readonly rule: HttpRule
  readonly ref: RuleRef
}

export interface HttpRule {
  readonly filters: CompiledFilters
  readonly backends: readonly WeightedBackend[]
  /** Milliseconds; 0 for none. */
  readonly timeout: number | undefined
}

export interface WeightedBackend {
  readonly weight: number
  readonly backend: BackendRef | { readonly invalid: string }
  readonly filters: CompiledFilters
}

const API = 'gateway.networking.k8s.io'

const isGatewayObject = ({ object }: RouteSource, kind: string): boolean =>
  object.kind === kind && object.apiVersion.startsWith(`${API}/`)

/** Compiles Gateways, HTTPRoutes and ReferenceGrants; `Namespace`s among the sources give the labels that `allowedRoutes` may ask for. */
export function compileHttpRoutes(
  sources: readonly RouteSource[],
  options: { readonly isMissing?: (backend: BackendRef) => boolean } = {},
): { readonly table: HttpRouteTable; readonly findings: readonly RouteFinding[] } {
  const findings: RouteFinding[] = []
  const routes = sources.filter(source => isGatewayObject(source, 'HTTPRoute'))
  if (routes.length === 0) return { table: { listeners: [] }, findings }
  const { listeners, findings: ofListeners } = listenersOf(sources)
  findings.push(...ofListeners)
  const served = new Map<Listener, Ranked[]>()
  const isDated = routes.every(({ object }) => object.metadata.creationTimestamp !== undefined)
  for (const source of routes.toSorted(byAge(isDated))) {
    const say = (message: string) => findings.push({ of: placedName(source), message })
    const attached = attachments(source, { listeners, sources, say })
    const rules = compileRules(source, { sources, isMissing: options.isMissing ?? (() => false), say })
    for (const { listener, hostnames } of attached) {
      const list = served.get(listener) ?? []
      served.set(listener, list)
      for (const hostname of hostnames)
        for (const { match, rule, path } of rules)
          list.push({
            hostname,
            match,
            rule,
            ref: {
              object: objectName(source),
              namespace: namespaceOf(source),
              place: source.place,
              host: hostname === '' ? '*' : hostname,
              path,
            },
          })
    }
  }
  // Listeners that routes stand at, and the others: they keep their names from wider listeners.
  const open = [...served.keys()].filter(listener => !listeners.includes(listener))
  return {
    findings,
    table: {
      listeners: [...listeners, ...open].map(listener => ({
        ...listener,
        // Stable: age, name and the order of rules are the order in which they came.
        candidates: (served.get(listener) ?? []).toSorted(byPrecedence),
      })),
    },
  }
}

type Ranked = Candidate

/** Oldest first, where the age of all is known; then by name. */
const byAge =
  (isDated: boolean) =>
  (a: RouteSource, b: RouteSource): number => {
    const ageOf = ({ object }: RouteSource) => (isDated ? (object.metadata.creationTimestamp ?? '') : '')
    const nameOf = (source: RouteSource) => `${namespaceOf(source)}/${source.object.metadata.name}`
    if (ageOf(a) !== ageOf(b)) return ageOf(a) < ageOf(b) ? -1 : 1
    return nameOf(a) < nameOf(b) ? -1 : 1
  }

/** https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule, "matches" */
function byPrecedence(a: Candidate, b: Candidate): number {
  const exact = (host: string) => (host.startsWith('*') ? 0 : host.length)
  const before = [exact(a.hostname), a.hostname.length, ...matchRank(a.match)]
  const after = [exact(b.hostname), b.hostname.length, ...matchRank(b.match)]
  for (const [at, left] of before.entries()) {
    const difference = (after[at] ?? 0) - left
    if (difference !== 0) return difference
  }
  return 0
}

interface RuleContext {
  readonly sources: readonly RouteSource[]
  readonly isMissing: (backend: BackendRef) => boolean
  readonly say: (message: string) => void
}

function compileRules(
  source: RouteSource,
  context: RuleContext,
): readonly { readonly match: HttpMatch; readonly rule: HttpRule; readonly path: string }[] {
  return listIn(source.object, 'spec', 'rules').flatMap(value => {
    const rule: HttpRule = {
      filters: compileFilters(listIn(value, 'filters'), context.say),
      backends: listIn(value, 'backendRefs').map(ref => backendOf(source, ref, context)),
      timeout: goDuration(textIn(value, 'timeouts', 'request')),
    }
    const matches = listIn(value, 'matches')
    return (matches.length === 0 ? [{}] : matches).flatMap(item => {
      const match = compileMatch(item)
      if (!match.ok) {
        context.say(`a match is skipped (UnsupportedValue): ${match.error}`)
        return []
      }
      if (rule.filters.needsPrefix && match.value.path.type !== 'PathPrefix')
        return [
          {
            match: match.value,
            rule: broken(rule, 'ReplacePrefixMatch needs a path of the type PathPrefix'),
            path: match.value.path.value,
          },
        ]
      return [{ match: match.value, rule, path: match.value.path.value }]
    })
  })
}

const broken = (rule: HttpRule, error: string): HttpRule => ({ ...rule, filters: { ...rule.filters, error } })

function backendOf(
  source: RouteSource,
  ref: unknown,
  { sources, isMissing, say }: RuleContext,
): WeightedBackend {
  const weight = numberIn(ref, 'weight') ?? 1
  const filters = compileFilters(listIn(ref, 'filters'), say)
  const { kind = 'Service', group = '', name, port } = fieldsIn(ref)
  const namespace = textIn(ref, 'namespace') ?? namespaceOf(source)
  const invalid = (reason: string, message: string): WeightedBackend => {
    say(`${reason}: ${message}; its share is answered with 500`)
    return { weight, filters, backend: { invalid: message } }
  }
  if (kind !== 'Service' || group !== '') return invalid('InvalidKind', `${String(kind)} is no Service`)
  if (typeof name !== 'string' || typeof port !== 'number')
    return invalid('BackendNotFound', 'a backend needs a name and a port')
  const wanted = { group: '', kind: 'Service', namespace, name }
  const from = { group: API, kind: 'HTTPRoute', namespace: namespaceOf(source) }
  if (namespace !== from.namespace && !isGranted(sources, from, wanted))
    return invalid('RefNotPermitted', `no ReferenceGrant in ${namespace} lets it use service/${name}`)
  const backend: BackendRef = { namespace, service: name, port }
  if (isMissing(backend)) return invalid('BackendNotFound', `there is no service/${name} in ${namespace}`)
  return { weight, filters, backend }
}
