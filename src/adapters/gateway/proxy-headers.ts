import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { HeaderChange } from '../../core/routes/route-table.js'

export type HeaderList = readonly (readonly [name: string, value: string])[]

const HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Written here, whatever a client says; see the template of ingress-nginx. */
const OURS = new Set([
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-forwarded-scheme',
  'x-scheme',
  'x-real-ip',
  'proxy',
  'expect',
])

export function pairsOf(raw: readonly string[]): HeaderList {
  const pairs: (readonly [string, string])[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at] ?? '', raw[at + 1] ?? ''])
  return pairs
}

/** Without the headers that concern one connection alone. Content-Length and Host are never of these, whoever says so. */
export function withoutHops(headers: HeaderList): HeaderList {
  const keys = headers.map(([name]) => name.toLowerCase())
  const named = new Set<string>()
  for (const [at, key] of keys.entries())
    if (key === 'connection')
      for (const name of (headers[at]?.[1] ?? '').split(',')) named.add(name.trim().toLowerCase())
  named.delete('host')
  named.delete('content-length')
  return headers.filter((_, at) => {
    const key = keys[at] ?? ''
    return !HOP.has(key) && !named.has(key)
  })
}

/** The headers for a pod. `authority` is what the client asked for, with the port. */
export function requestHeaders(
  request: IncomingMessage,
  options: {
    readonly authority: string
    readonly host: string | undefined
    readonly changes: readonly HeaderChange[]
    readonly port: number
  },
): HeaderList {
  const { authority, host, changes, port } = options
  const all = pairsOf(request.rawHeaders)
  const first = (name: string) => all.find(([key]) => key.toLowerCase() === name)?.[1]
  const peer = (request.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, '')
  const kept = withoutHops(all).filter(([name]) => {
    const key = name.toLowerCase()
    return !OURS.has(key) && key !== 'host' && key !== 'x-request-id'
  })
  const before = first('x-forwarded-for')
  const hostBefore = first('x-forwarded-host')
  const asked = /:(\d+)$/.exec(authority)?.[1] ?? String(port)
  const headers: HeaderList = [
    ['Host', host ?? authority],
    ...kept,
    ['X-Request-ID', first('x-request-id') ?? randomUUID().replaceAll('-', '')],
    ['X-Real-IP', peer],
    ['X-Forwarded-For', peer],
    ['X-Forwarded-Host', authority],
    ['X-Forwarded-Port', asked],
    ['X-Forwarded-Proto', 'http'],
    ['X-Forwarded-Scheme', 'http'],
    ['X-Scheme', 'http'],
    ...(before === undefined ? [] : [['X-Original-Forwarded-For', before] as const]),
    ...(hostBefore === undefined ? [] : [['X-Original-Forwarded-Host', hostBefore] as const]),
    ...(first('te')?.toLowerCase().includes('trailers') === true ? [['TE', 'trailers'] as const] : []),
  ]
  return changed(headers, changes)
}

/** `add` appends to the value that there is, as the Gateway API has it. */
export function changed(headers: HeaderList, changes: readonly HeaderChange[]): HeaderList {
  let list = headers
  for (const change of changes) {
    const key = change.name.toLowerCase()
    const others = list.filter(([name]) => name.toLowerCase() !== key)
    if (change.type === 'remove') list = others
    else if (change.type === 'set' || key === 'set-cookie')
      list = [...(change.type === 'set' ? others : list), [change.name, change.value]]
    else {
      const values = list.filter(([name]) => name.toLowerCase() === key).map(([, value]) => value)
      list = [...others, [change.name, [...values, change.value].join(',')]]
    }
  }
  return list
}

export const flat = (headers: HeaderList): string[] => headers.flat()
