import type { Candidate, HttpRouteTable, ServedListener } from './compile-http-routes.js'
import { httpRouteCors } from './http-route-cors.js'
import { changedPath, type HttpRedirect } from './http-route-filters.js'
import { isMatch } from './http-route-match.js'
import { coversLabels, type RequestHost } from './request-host.js'
import { splitTarget } from './request-path.js'
import type { AnswerDecision, Decision, HeaderChange, RouteRequest, RuleRef } from './route-table.js'

/** Whether a listener takes a name at all. */
export function takesName({ hostname }: { readonly hostname: string }, name: string): boolean {
  return hostname === '' || coversLabels(hostname, name)
}

/**
 * What HTTPRoutes make of a request; undefined where no listener takes its name. One port serves all listeners here: those at the port that the
 * client asked at come first, then those at 80, 443 and the others. There is no TLS here: a rule that only sends clients to HTTPS gives way to what a
 * listener with TLS would answer them with.
 */
export function matchHttpRoute(
  { listeners }: HttpRouteTable,
  host: RequestHost,
  request: RouteRequest,
): Decision | undefined {
  const rank = (port: number) => (port === host.port ? 0 : port === 80 ? 1 : port === 443 ? 2 : 3)
  const taking = listeners.filter(listener => takesName(listener, host.name))
  const ports = [...new Set(taking.map(({ port }) => port))].sort((a, b) => rank(a) - rank(b))
  const { path, query } = splitTarget(request.target)
  const facts = { method: request.method, path, query: query.slice(1), headers: request.headers }
  let toHttps: Candidate | undefined
  for (const port of ports) {
    const candidate = narrowest(taking.filter(listener => listener.port === port))
      .flatMap(({ candidates }) => candidates)
      .find(
        ({ hostname, match }) =>
          (hostname === '' || coversLabels(hostname, host.name)) && isMatch(match, facts),
      )
    if (candidate === undefined) continue
    if (!sendsToHttps(candidate, host)) return decide(candidate, { host, request, path, query })
    toHttps ??= candidate
  }
  if (toHttps !== undefined) return decide(toHttps, { host, request, path, query })
  return taking.length === 0
    ? undefined
    : {
        type: 'none',
        reason: 'path',
        message: `no HTTPRoute for ${host.name} fits ${request.method} ${path}`,
      }
}

/** The listeners with the most specific hostname: of two Gateways, both. */
function narrowest(listeners: readonly ServedListener[]): readonly ServedListener[] {
  const rank = ({ hostname }: ServedListener): number =>
    hostname === '' ? 0 : hostname.startsWith('*') ? hostname.split('.').length : Number.MAX_SAFE_INTEGER
  const most = Math.max(...listeners.map(rank))
  return listeners.filter(listener => rank(listener) === most)
}

/** Whether all that a rule does is to send a client to the same address by HTTPS. */
function sendsToHttps({ rule: { filters } }: Candidate, host: RequestHost): boolean {
  const { redirect } = filters
  if (redirect?.scheme !== 'https' || redirect.path !== undefined || filters.error !== undefined) return false
  return redirect.hostname === undefined || redirect.hostname.toLowerCase() === host.name
}

interface Asked {
  readonly host: RequestHost
  readonly request: RouteRequest
  readonly path: string
  readonly query: string
}

function decide({ rule, match, ref }: Candidate, asked: Asked): Decision {
  const { filters, backends } = rule
  const fail = (message: string): AnswerDecision => ({
    type: 'answer',
    rule: ref,
    status: 500,
    headers: [],
    message,
  })
  if (filters.error !== undefined) return fail(filters.error)
  const { request, path, query } = asked
  const cors = filters.cors === undefined ? undefined : httpRouteCors(filters.cors, request)
  if (cors?.isAnswered === true)
    return { type: 'answer', rule: ref, status: 204, headers: cors.headers, message: '' }
  if (filters.redirect !== undefined)
    return redirect(filters.redirect, ref, { ...asked, prefix: match.path.value })
  const chosen = draw(backends, request.random)
  if (chosen === undefined)
    return fail(backends.length === 0 ? 'the rule has no backend' : 'all of its backends have the weight 0')
  if ('invalid' in chosen.backend) return fail(chosen.backend.invalid)
  if (chosen.filters.error !== undefined) return fail(chosen.filters.error)
  const rewrite = chosen.filters.rewrite ?? filters.rewrite
  const added = (cors?.headers ?? []).map(([name, value]): HeaderChange => ({ type: 'set', name, value }))
  return {
    type: 'proxy',
    rule: ref,
    backend: chosen.backend,
    target:
      rewrite?.path === undefined
        ? request.target
        : `${changedPath(path, match.path.value, rewrite.path)}${query}`,
    host: rewrite?.hostname,
    requestHeaders: [...filters.requestHeaders, ...chosen.filters.requestHeaders],
    responseHeaders: [...filters.responseHeaders, ...chosen.filters.responseHeaders, ...added],
    bodyLimit: undefined,
    timeouts: { connect: undefined, idle: undefined, total: rule.timeout || undefined },
    affinity: undefined,
    tls: false,
  }
}

function draw<T extends { readonly weight: number }>(backends: readonly T[], random: number): T | undefined {
  const total = backends.reduce((sum, { weight }) => sum + weight, 0)
  let left = random * total
  for (const backend of backends) {
    if (backend.weight === 0) continue
    left -= backend.weight
    if (left < 0) return backend
  }
  return total === 0 ? undefined : backends.findLast(({ weight }) => weight > 0)
}

/** The listener's port is, to the client, the one that it asked at. */
function redirect(
  { scheme, hostname, port, path: change, status }: HttpRedirect,
  rule: RuleRef,
  { host, path, query, prefix }: Asked & { readonly prefix: string },
): AnswerDecision {
  const to = scheme ?? 'http'
  const number = port ?? (scheme === undefined ? (host.port ?? 80) : scheme === 'https' ? 443 : 80)
  const isUsual = (to === 'http' && number === 80) || (to === 'https' && number === 443)
  const place = change === undefined ? path : changedPath(path, prefix, change)
  const location = `${to}://${hostname ?? host.name}${isUsual ? '' : `:${number}`}${place}${query}`
  return { type: 'answer', rule, status, headers: [['Location', location]], message: '' }
}
