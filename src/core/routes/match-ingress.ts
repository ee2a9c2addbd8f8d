import { affinityKey } from './affinity-key.js'
import type { IngressServer, IngressTable, Location } from './compile-ingress.js'
import { corsAnswer } from './cors.js'
import { hashText } from './hash-by.js'
import type { IngressSettings } from './ingress-annotations.js'
import { coversOneLabel } from './request-host.js'
import { escapePath, isUnder, nginxPath, splitTarget } from './request-path.js'
import type { AnswerDecision, Decision, HeaderChange, RouteRequest, RuleRef } from './route-table.js'
import { safeRegex } from './safe-regex.js'

/** The server of a name: exact, then the longest wildcard. `_` is asked for by that very name. */
export function ingressServer({ servers, wildcards }: IngressTable, name: string): IngressServer | undefined {
  const exact = servers.get(name)
  if (exact !== undefined) return exact
  const wildcard = wildcards.find(pattern => coversOneLabel(pattern, name))
  return wildcard === undefined ? undefined : servers.get(wildcard)
}

/** What ingress-nginx does with a request that came to this server. */
export function matchIngress(server: IngressServer, request: RouteRequest): Decision {
  if (server.moved !== undefined) {
    const port = /:\d+$/.exec(request.host)?.[0] ?? ''
    return redirect(server.moved.rule, 308, `http://${server.moved.to}${port}${request.target}`)
  }
  const { path: raw, query } = splitTarget(request.target)
  const path = nginxPath(raw)
  if (path === undefined) return { type: 'bad-request', message: `nginx does not take the path ${raw}` }
  if (server.appRoot !== undefined && path === '/') {
    const rule = server.locations[0]?.rule
    if (rule !== undefined) return redirect(rule, 302, `http://${request.host}${server.appRoot}`)
  }
  const found = locate(server, path)
  if (found === undefined || found.location.backend === undefined)
    return { type: 'none', reason: 'path', message: `no rule of ${server.host} fits ${path}` }
  const { location, groups } = found
  if (found.slash) return redirect(location.rule, 301, `http://${request.host}${location.path}${query}`)
  const { settings } = location
  const preflight = settings.cors === undefined ? undefined : corsAnswer(settings.cors, request)
  if (preflight?.isAnswered === true)
    return { type: 'answer', rule: location.rule, status: 204, headers: preflight.headers, message: '' }
  if (settings.redirect !== undefined)
    return redirect(location.rule, settings.redirect.status, settings.redirect.url)
  const chosen = isCanary(location, request) && location.canary !== undefined ? location.canary : undefined
  const backend = chosen?.backend ?? location.backend
  if (backend === undefined) return { type: 'none', reason: 'path', message: '' }
  const rewrite = rewriteOf(settings, location)
  return {
    type: 'proxy',
    rule: chosen?.rule ?? location.rule,
    backend,
    target: rewrite === undefined ? request.target : `${escapePath(fill(rewrite, groups))}${query}`,
    host: settings.upstreamHost,
    requestHeaders:
      rewrite !== undefined && settings.forwardedPrefix !== undefined
        ? [{ type: 'set', name: 'X-Forwarded-Prefix', value: fill(settings.forwardedPrefix, groups) }]
        : [],
    responseHeaders: (preflight?.headers ?? []).map(
      ([name, value]): HeaderChange => ({ type: 'set', name, value }),
    ),
    bodyLimit: settings.bodyLimit,
    timeouts: settings.timeouts,
    affinity:
      settings.affinity === undefined || chosen?.settings.canary?.isSticky === false
        ? undefined
        : { ...settings.affinity, attributes: settings.affinity.attributes(location.path) },
    hash:
      settings.hashBy === undefined || settings.affinity !== undefined
        ? undefined
        : hashText(settings.hashBy, request),
    tls: settings.tls,
  }
}

const redirect = (rule: RuleRef, status: number, url: string): AnswerDecision => ({
  type: 'answer',
  rule,
  status,
  headers: [['Location', url]],
  message: '',
})

const rewriteOf = ({ rewriteTarget }: IngressSettings, { path }: Location): string | undefined =>
  rewriteTarget === undefined || rewriteTarget === path ? undefined : rewriteTarget

/** `$1` to `$9`; a group that matched nothing is empty. */
const fill = (template: string, groups: readonly (string | undefined)[]): string =>
  template.replace(/\$(\d)/g, (_, digit: string) => groups[Number(digit)] ?? '')

interface Found {
  readonly location: Location
  readonly groups: readonly (string | undefined)[]
  /** Asked without the slash that the Prefix ends with. */
  readonly slash?: true
}

function locate({ mode, locations }: IngressServer, path: string): Found | undefined {
  if (mode === 'regex') {
    for (const location of locations) {
      const groups = location.regex?.exec(path)
      if (groups !== null && groups !== undefined) return { location, groups }
    }
    return undefined
  }
  const exact = locations.find(location => location.type === 'Exact' && location.path === path)
  if (exact !== undefined) return { location: exact, groups: [path] }
  let longest: Location | undefined
  for (const location of locations) {
    if (location.type !== 'Prefix' || !isUnder(path, location.path)) continue
    if (longest === undefined || location.path.length > longest.path.length) longest = location
  }
  if (longest === undefined) return undefined
  const isBare = longest.path !== '/' && longest.path.endsWith('/') && path === longest.path.slice(0, -1)
  return { location: longest, groups: [path], ...(isBare ? { slash: true } : {}) }
}

/** The order of the controller: affinity, header, cookie, weight. https://github.com/kubernetes/ingress-nginx/blob/dbb11b9/rootfs/etc/nginx/lua/balancer.lua */
function isCanary({ backend, canary, settings: { affinity } }: Location, request: RouteRequest): boolean {
  const settings = canary?.settings.canary
  if (canary === undefined || settings === undefined) return false
  if (affinity !== undefined) {
    const key = cookieOf(request.headers.cookie, affinity.cookie)?.split('|')[1]
    if (key !== undefined && backend !== undefined && key === affinityKey(backend)) return false
    if (key !== undefined && settings.isSticky && key === affinityKey(canary.backend)) return true
  }
  const header = settings.header === undefined ? undefined : request.headers[settings.header]
  if (header !== undefined) {
    if (settings.headerValue !== undefined) {
      if (header === settings.headerValue) return true
    } else if (settings.headerPattern !== undefined) {
      const pattern = safeRegex(settings.headerPattern, { anchored: 'start', ignoreCase: false })
      if (pattern.ok && new RegExp(pattern.value.source.slice(1)).test(header)) return true
    } else if (header === 'always') return true
    else if (header === 'never') return false
  }
  const cookie = settings.cookie === undefined ? undefined : cookieOf(request.headers.cookie, settings.cookie)
  if (cookie === 'always') return true
  if (cookie === 'never') return false
  return request.random * settings.total < settings.weight
}

/** The value of a cookie in a `Cookie` header. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const at = part.indexOf('=')
    if (at !== -1 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim()
  }
  return undefined
}
