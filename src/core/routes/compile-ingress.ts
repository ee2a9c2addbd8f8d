import { type IngressSettings, ingressSettings } from './ingress-annotations.js'
import { fieldsIn, listIn, namespaceOf, numberIn, objectName, placedName, textIn } from './route-fields.js'
import type { BackendRef, RouteFinding, RouteSource, RuleRef } from './route-table.js'
import { safeRegex } from './safe-regex.js'

/** Ingresses as ingress-nginx serves them: by exact host, by wildcard, and `_` for every other. */
export interface IngressTable {
  readonly servers: ReadonlyMap<string, IngressServer>
  /** Wildcard hosts, the longest first. */
  readonly wildcards: readonly string[]
}

export interface IngressServer {
  readonly host: string
  readonly mode: 'plain' | 'regex'
  /** In the order in which they are tried. */
  readonly locations: readonly Location[]
  readonly appRoot: string | undefined
  /** All that comes to this name is sent to another. */
  readonly moved?: { readonly to: string; readonly rule: RuleRef }
}

export interface Location {
  readonly path: string
  readonly type: 'Exact' | 'Prefix'
  /** Undefined for the implicit `/` of a host that nobody gave a default backend. */
  readonly backend: BackendRef | undefined
  readonly settings: IngressSettings
  readonly rule: RuleRef
  /** Set in regex mode; a pattern that cannot be used matches nothing and was reported. */
  readonly regex?: RegExp
  readonly canary?: {
    readonly backend: BackendRef
    readonly settings: IngressSettings
    readonly rule: RuleRef
  }
}

interface Draft {
  readonly locations: Location[]
  fallback: Location | undefined
  appRoot: string | undefined
  readonly aliases: Set<string>
  moved: RuleRef | undefined
}

/** Compiles the Ingresses of the class `nginx`, and those of no class. */
export function compileIngresses(sources: readonly RouteSource[]): {
  readonly table: IngressTable
  readonly findings: readonly RouteFinding[]
} {
  const findings: RouteFinding[] = []
  const drafts = new Map<string, Draft>()
  const canaries: { readonly host: string; readonly location: Location }[] = []
  const draftOf = (host: string): Draft => {
    const known = drafts.get(host) ?? {
      locations: [],
      fallback: undefined,
      appRoot: undefined,
      aliases: new Set<string>(),
      moved: undefined,
    }
    drafts.set(host, known)
    return known
  }
  for (const source of inOrder(sources)) {
    const say = (message: string) => findings.push({ of: placedName(source), message })
    const className = textIn(source.object, 'spec', 'ingressClassName')
    const legacy = source.object.metadata.annotations?.['kubernetes.io/ingress.class']
    const wanted = className ?? legacy
    if (wanted !== undefined && wanted !== 'nginx') {
      say(`it is of the class ${wanted}, whose rules the gateway on this machine does not know; not served`)
      continue
    }
    const { settings, messages } = ingressSettings(source.object.metadata.annotations ?? {})
    for (const message of messages) say(message)
    const isTls = listIn(source.object, 'spec', 'tls').length > 0
    if (isTls && source.object.metadata.annotations?.['nginx.ingress.kubernetes.io/ssl-redirect'] !== 'false')
      say('the cluster answers plain HTTP with 308 where its certificate covers the host; here it is served')
    const spare = backendOf(fieldsIn(source.object, 'spec', 'defaultBackend'), namespaceOf(source))
    const rules = listIn(source.object, 'spec', 'rules')
    const at = (host: string, path: string): RuleRef => ({
      object: objectName(source),
      namespace: namespaceOf(source),
      place: source.place,
      host,
      path,
    })
    if (spare !== undefined && rules.length === 0 && settings.canary === undefined) {
      const draft = draftOf('_')
      draft.locations.unshift({ path: '/', type: 'Prefix', backend: spare, settings, rule: at('_', '/') })
    }
    for (const value of rules) {
      const host = (textIn(value, 'host') || '_').toLowerCase()
      if (settings.canary === undefined) {
        const draft = draftOf(host)
        if (spare !== undefined && draft.fallback === undefined && draft.locations.length === 0)
          draft.fallback = { path: '/', type: 'Prefix', backend: spare, settings, rule: at(host, '/') }
        draft.appRoot ??= settings.appRoot
        for (const alias of host === '_' ? [] : settings.aliases) draft.aliases.add(alias)
        if (settings.isOtherMoved) draft.moved ??= at(host, '/')
      }
      for (const item of listIn(value, 'http', 'paths')) {
        const path = textIn(item, 'path') || '/'
        const type = textIn(item, 'pathType') === 'Exact' ? 'Exact' : 'Prefix'
        const backend = backendOf(fieldsIn(item, 'backend'), namespaceOf(source))
        if (backend === undefined) {
          say(`${host}${path} leads to no Service; skipped`)
          continue
        }
        const location: Location = { path, type, backend, settings, rule: at(host, path) }
        if (settings.canary !== undefined) {
          canaries.push({ host, location })
          continue
        }
        const draft = draftOf(host)
        const same = draft.locations.find(other => other.path === path && other.type === type)
        if (same !== undefined) {
          say(
            `${host}${path} is served by ${same.rule.object}${same.rule.place === undefined ? '' : ` in ${same.rule.place}`}, which has the same path`,
          )
          continue
        }
        const isPlainText = /^\/[A-Za-z0-9._/-]*$/.test(path)
        if (!isPlainText && ['Exact', 'Prefix'].includes(textIn(item, 'pathType') ?? ''))
          say(
            `the admission webhook of ingress-nginx refuses ${path} with pathType ${textIn(item, 'pathType')}: write ImplementationSpecific`,
          )
        draft.locations.push(location)
      }
    }
  }
  bindCanaries(drafts, canaries, findings)
  const servers = new Map([...drafts].map(([host, draft]) => [host, finish(host, draft, findings)]))
  addAliases(servers, drafts)
  const wildcards = [...servers.keys()]
    .filter(host => host.startsWith('*.'))
    .sort((a, b) => b.length - a.length)
  return { table: { servers, wildcards }, findings }
}

/** Oldest first; of the same age, the greater `namespace/name` first. */
function inOrder(sources: readonly RouteSource[]): readonly RouteSource[] {
  // A set in which some were never applied has no ages.
  const dated = sources.every(({ object }) => object.metadata.creationTimestamp !== undefined)
  const nameOf = (source: RouteSource) => `${namespaceOf(source)}/${source.object.metadata.name}`
  return sources.toSorted((a, b) => {
    const [left, right] = [
      a.object.metadata.creationTimestamp ?? '',
      b.object.metadata.creationTimestamp ?? '',
    ]
    if (dated && left !== right) return left < right ? -1 : 1
    return nameOf(a) < nameOf(b) ? 1 : -1
  })
}

function backendOf(backend: unknown, namespace: string): BackendRef | undefined {
  const service = textIn(backend, 'service', 'name') ?? textIn(backend, 'serviceName')
  const port =
    numberIn(backend, 'service', 'port', 'number') ??
    textIn(backend, 'service', 'port', 'name') ??
    numberIn(backend, 'servicePort') ??
    textIn(backend, 'servicePort')
  return service === undefined || port === undefined ? undefined : { namespace, service, port }
}

function bindCanaries(
  drafts: ReadonlyMap<string, Draft>,
  canaries: readonly { readonly host: string; readonly location: Location }[],
  findings: RouteFinding[],
): void {
  for (const { host, location } of canaries) {
    const { backend, settings, rule, path, type } = location
    const locations = drafts.get(host)?.locations ?? []
    const at = locations.findIndex(other => other.path === path && other.type === type)
    const primary = locations[at]
    if (primary === undefined || primary.canary !== undefined || backend === undefined) {
      const why =
        primary === undefined ? 'no other Ingress has its host, path and type' : 'there is one already'
      findings.push({ of: rule.object, message: `the canary for ${host}${path} does nothing: ${why}` })
      continue
    }
    locations[at] = { ...primary, canary: { backend, settings, rule } }
  }
}

/** Names besides those of rules, which keep their own. */
function addAliases(servers: Map<string, IngressServer>, drafts: ReadonlyMap<string, Draft>): void {
  for (const [host, { aliases }] of drafts) {
    const server = servers.get(host)
    for (const alias of aliases)
      if (server !== undefined && !servers.has(alias)) servers.set(alias, renamed(server, alias))
  }
  for (const [host, { moved }] of drafts) {
    if (moved === undefined || host === '_' || host.startsWith('*.')) continue
    const other = host.startsWith('www.') ? host.slice('www.'.length) : `www.${host}`
    if (servers.has(other)) continue
    const rule = { ...moved, host: other }
    servers.set(other, {
      host: other,
      mode: 'plain',
      locations: [],
      appRoot: undefined,
      moved: { to: host, rule },
    })
  }
}

function renamed(server: IngressServer, host: string): IngressServer {
  const rules = new Map(server.locations.map(({ rule }) => [rule, { ...rule, host }]))
  const locations = server.locations.map(location => ({
    ...location,
    rule: rules.get(location.rule) ?? location.rule,
  }))
  return { ...server, host, locations }
}

function finish(host: string, draft: Draft, findings: RouteFinding[]): IngressServer {
  const { locations } = draft
  const hasRoot = locations.some(({ path, type }) => path === '/' && type === 'Prefix')
  const root: Location = draft.fallback ?? {
    path: '/',
    type: 'Prefix',
    backend: undefined,
    settings: NOTHING,
    rule: { object: '', namespace: '', place: undefined, host, path: '/' },
  }
  const all = hasRoot ? locations : [...locations, root]
  const isRegex = all.some(
    ({ path, settings: { useRegex, rewriteTarget } }) =>
      useRegex || (rewriteTarget !== undefined && rewriteTarget !== path),
  )
  const { appRoot } = draft
  if (!isRegex) return { host, mode: 'plain', locations: all, appRoot }
  const ordered = all.toSorted(
    (a, b) => b.path.length - a.path.length || (a.path < b.path ? 1 : a.path > b.path ? -1 : 0),
  )
  const split = ordered.flatMap((location): readonly Location[] => {
    const { path, type, settings } = location
    if (type === 'Exact' || path === '/' || settings.useRegex || settings.rewriteTarget !== undefined)
      return [location]
    const bare = path.replace(/\/$/, '')
    const hasExact = ordered.some(other => other.type === 'Exact' && other.path === bare)
    const below = { ...location, path: `${bare}/` }
    return hasExact ? [below] : [below, { ...location, path: bare }]
  })
  return {
    host,
    mode: 'regex',
    appRoot,
    locations: split.flatMap(location => {
      const regex = safeRegex(location.path, { anchored: 'start', ignoreCase: true })
      if (regex.ok) return [{ ...location, regex: regex.value }]
      const { object, place } = location.rule
      const of = `${object}${place === undefined ? '' : ` in ${place}`}`
      findings.push({
        of,
        message: `the path ${location.path} of ${host} is no regular expression that can be used here, and is skipped: ${regex.error}`,
      })
      return []
    }),
  }
}

const NOTHING: IngressSettings = ingressSettings({}).settings
