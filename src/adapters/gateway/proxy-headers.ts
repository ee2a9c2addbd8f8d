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
  const named = namedByConnection(headers)
  return headers.filter(([name]) => {
    const key = name.toLowerCase()
    return !HOP.has(key) && named?.has(key) !== true
  })
}

/** What `Connection` names; undefined where that is nothing but how long it lives, as nearly always. */
function namedByConnection(headers: HeaderList): ReadonlySet<string> | undefined {
  let named: Set<string> | undefined
  for (const [name, value] of headers) {
    if (name.length !== 'connection'.length || name.toLowerCase() !== 'connection') continue
    if (/^(keep-alive|close|upgrade)$/i.test(value)) continue
    named ??= new Set()
    for (const one of value.split(',')) named.add(one.trim().toLowerCase())
  }
  named?.delete('host')
  named?.delete('content-length')
  return named
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
  const named = namedByConnection(all)
  const peer = (request.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, '')
  const headers: (readonly [string, string])[] = [['Host', host ?? authority]]
  let id: string | undefined
  let before: string | undefined
  let hostBefore: string | undefined
  let te: string | undefined
  for (const pair of all) {
    const key = pair[0].toLowerCase()
    switch (key) {
      case 'host':
        break
      case 'x-request-id':
        id ??= pair[1]
        break
      case 'x-forwarded-for':
        before ??= pair[1]
        break
      case 'x-forwarded-host':
        hostBefore ??= pair[1]
        break
      case 'te':
        te ??= pair[1]
        break
      default:
        if (!OURS.has(key) && !HOP.has(key) && named?.has(key) !== true) headers.push(pair)
    }
  }
  headers.push(
    ['X-Request-ID', id ?? randomUUID().replaceAll('-', '')],
    ['X-Real-IP', peer],
    ['X-Forwarded-For', peer],
    ['X-Forwarded-Host', authority],
    ['X-Forwarded-Port', /:(\d+)$/.exec(authority)?.[1] ?? String(port)],
    ['X-Forwarded-Proto', 'http'],
    ['X-Forwarded-Scheme', 'http'],
    ['X-Scheme', 'http'],
  )
  if (before !== undefined) headers.push(['X-Original-Forwarded-For', before])
  if (hostBefore !== undefined) headers.push(['X-Original-Forwarded-Host', hostBefore])
  if (te?.toLowerCase().includes('trailers') === true) headers.push(['TE', 'trailers'])
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

/** Names and values in turn, as Node takes them. */
export function flat(headers: HeaderList): string[] {
  const all: string[] = []
  for (const [name, value] of headers) all.push(name, value)
  return all
}
