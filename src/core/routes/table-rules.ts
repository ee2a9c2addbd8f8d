import type { Candidate } from './compile-http-routes.js'
import type { IngressServer, Location } from './compile-ingress.js'
import type { RouteTable } from './compiled-routes.js'
import { isMatch } from './http-route-match.js'
import { coversLabels, coversOneLabel } from './request-host.js'
import { isUnder, nginxPath, splitTarget } from './request-path.js'
import { backendText, type RouteRequest, type RuleRef } from './route-table.js'
import { samplePaths } from './sample-paths.js'

/** One rule of a table, whatever kind of object it came from. */
export interface TableRule {
  readonly ref: RuleRef
  /** The host as rules have it: `*.x.com`, or `*` for every name. */
  readonly host: string
  readonly path: string
  /** `Exact`, `Prefix`, `regex`, with what else a request must have. */
  readonly kind: string
  readonly backends: readonly string[]
  /** Requests that the rule alone would serve. */
  readonly samples: readonly Pick<RouteRequest, 'method' | 'target' | 'headers'>[]
  /** Why a request for this host is none for the rule; undefined where it fits. */
  misses(request: RouteRequest): string | undefined
}

/** A name that a host of a rule covers. */
export const sampleHost = (host: string): string =>
  host === '*' ? 'localhost' : host.startsWith('*.') ? `some${host.slice(1)}` : host

/** Whether a rule is for a name. */
export function coversName({ host, ref }: Pick<TableRule, 'host' | 'ref'>, name: string): boolean {
  if (host === '*') return true
  return ref.object.startsWith('ingress/') ? coversOneLabel(host, name) : coversLabels(host, name)
}

/** The rules of a table, in the order in which they are tried for each host; a rule that stands at several listeners comes once. */
export function tableRules({ ingress, gateway }: RouteTable): readonly TableRule[] {
  const rules: TableRule[] = []
  for (const server of ingress.servers.values()) {
    const byRef = new Map<RuleRef, Location[]>()
    for (const location of server.locations)
      if (location.backend !== undefined)
        byRef.set(location.rule, [...(byRef.get(location.rule) ?? []), location])
    for (const [ref, locations] of byRef) rules.push(ingressRule(server, ref, locations))
  }
  const seen = new Set<string>()
  for (const { candidates } of gateway.listeners)
    for (const candidate of candidates) {
      const rule = httpRule(candidate)
      const key = JSON.stringify([rule.ref, rule.kind])
      if (!seen.has(key)) rules.push(rule)
      seen.add(key)
    }
  return rules
}

function ingressRule(server: IngressServer, ref: RuleRef, locations: readonly Location[]): TableRule {
  const [first] = locations
  const isRegex = server.mode === 'regex'
  const paths = isRegex
    ? locations.flatMap(({ path }) => samplePaths(path))
    : locations.flatMap(({ path, type }) =>
        type === 'Exact' ? [path] : [path, `${path.replace(/\/$/, '')}/x`],
      )
  const fits = (path: string): boolean =>
    locations.some(({ regex, type, path: own }) =>
      isRegex ? regex?.test(path) === true : type === 'Exact' ? path === own : isUnder(path, own),
    )
  return {
    ref,
    host: server.host === '_' ? '*' : server.host,
    path: ref.path,
    kind: isRegex ? 'regex' : (first?.type ?? ''),
    backends: locations
      .slice(0, 1)
      .flatMap(({ backend, canary }) => [
        ...(backend === undefined ? [] : [backendText(backend)]),
        ...(canary === undefined ? [] : [`${backendText(canary.backend)} (canary)`]),
      ]),
    samples: paths.filter(fits).map(target => ({ method: 'GET', target, headers: {} })),
    misses: ({ target }) => {
      const path = nginxPath(splitTarget(target).path)
      return path !== undefined && fits(path) ? undefined : 'its path does not fit'
    },
  }
}

function httpRule({ hostname, match, rule, ref }: Candidate): TableRule {
  const { path, method, headers, query } = match
  const kind = path.type === 'PathPrefix' ? 'Prefix' : path.type === 'Exact' ? 'Exact' : 'regex'
  const paths =
    path.type === 'RegularExpression'
      ? samplePaths(path.value)
      : path.type === 'Exact'
        ? [path.value]
        : [path.value, `${path.value.replace(/\/$/, '')}/x`]
  const textOf = (value: string | RegExp): string =>
    typeof value === 'string'
      ? value
      : (samplePaths(value.source.replace(/^\^\(\?:|\)\$$/g, ''))[0]?.slice(1) ?? '')
  const search = new URLSearchParams(
    Object.fromEntries(query.map(({ name, value }) => [name, textOf(value)])),
  ).toString()
  const samples = paths.map(one => ({
    method: method ?? 'GET',
    target: `${one}${search === '' ? '' : `?${search}`}`,
    headers: Object.fromEntries(headers.map(({ name, value }) => [name, textOf(value)])),
  }))
  const factsOf = (request: Pick<RouteRequest, 'method' | 'target' | 'headers'>) => {
    const { path: asked, query: search } = splitTarget(request.target)
    return { method: request.method, path: asked, query: search.slice(1), headers: request.headers }
  }
  return {
    ref,
    host: hostname === '' ? '*' : hostname,
    path: path.value,
    kind: [
      kind,
      ...(method === undefined ? [] : [method]),
      ...headers.map(({ name, value }) => `${name}: ${String(value)}`),
      ...query.map(({ name, value }) => `?${name}=${String(value)}`),
    ].join(' '),
    backends: rule.backends.map(({ backend, weight }) =>
      'invalid' in backend
        ? `✗ ${backend.invalid}`
        : `${backendText(backend)}${rule.backends.length > 1 ? ` (weight ${weight})` : ''}`,
    ),
    samples: samples.filter(sample => isMatch(match, factsOf(sample))),
    misses: request => {
      const facts = factsOf(request)
      if (isMatch(match, facts)) return undefined
      if (!isMatch({ ...match, method: undefined, headers: [], query: [] }, facts))
        return 'its path does not fit'
      if (method !== undefined && method !== facts.method) return `it is for ${method}`
      if (!isMatch({ ...match, method: undefined, query: [] }, facts))
        return `it wants the header ${headers.map(({ name, value }) => `${name}: ${String(value)}`).join(', ')}`
      return `it wants the query ${query.map(({ name, value }) => `${name}=${String(value)}`).join('&')}`
    },
  }
}
