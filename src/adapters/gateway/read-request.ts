import type { IncomingMessage } from 'node:http'
import type { RouteTable } from '../../core/routes/compiled-routes.js'
import { matchRoute } from '../../core/routes/match.js'
import type { Decision } from '../../core/routes/route-table.js'
import { pairsOf } from './proxy-headers.js'

export interface Asked {
  /** What the client asked for, with the port. */
  readonly authority: string
  readonly headers: Readonly<Record<string, string>>
  readonly decision: Decision
}

/** Reads what a request asks for. The authority of a target in absolute form takes the place of the Host header. */
export function readRequest(request: IncomingMessage, table: RouteTable): Asked {
  const hosts: string[] = []
  const headers: Record<string, string> = {}
  for (const [name, value] of pairsOf(request.rawHeaders)) {
    const key = name.toLowerCase()
    if (key === 'host') hosts.push(value)
    const before = headers[key]
    headers[key] = before === undefined ? value : `${before}${key === 'cookie' ? '; ' : ', '}${value}`
  }
  const raw = request.url ?? '/'
  const absolute = /^https?:\/\/([^/?#]+)([^#]*)$/i.exec(raw)
  const authority = absolute?.[1] ?? hosts[0] ?? ''
  const rest = absolute?.[2] ?? raw
  const target = rest === '' || rest.startsWith('?') ? `/${rest}` : rest
  const decision: Decision =
    hosts.length > 1
      ? { type: 'bad-request', message: 'the request has more than one Host header' }
      : matchRoute(table, {
          method: request.method ?? 'GET',
          host: authority,
          target,
          headers,
          random: Math.random(),
        })
  return { authority, headers, decision }
}
