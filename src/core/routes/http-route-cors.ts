import type { CorsSettings } from './ingress-annotations.js'
import type { RouteRequest } from './route-table.js'

/** The headers of an HTTPRoute's CORS filter: `*` in an origin spans any labels, and with credentials an origin is named, never `*`. */
export function httpRouteCors(
  cors: CorsSettings,
  { method, headers }: RouteRequest,
): { readonly isAnswered: boolean; readonly headers: readonly (readonly [string, string])[] } {
  const { origin } = headers
  const isPreflight = method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
  const isAllowed = origin !== undefined && cors.origins.some(pattern => fits(pattern, origin))
  if (!isAllowed) return { isAnswered: isPreflight, headers: [] }
  const echo = (list: string, asked: string | undefined) =>
    list.includes('*') && cors.credentials ? (asked ?? '') : list
  const methods = echo(cors.methods, headers['access-control-request-method'])
  const names = echo(cors.headers, headers['access-control-request-headers'])
  const isOpen = cors.origins.includes('*') && !cors.credentials
  return {
    isAnswered: isPreflight,
    headers: [
      ['Access-Control-Allow-Origin', isOpen ? '*' : origin],
      ...(isOpen ? [] : [['Vary', 'Origin'] as const]),
      ...(cors.credentials ? [['Access-Control-Allow-Credentials', 'true'] as const] : []),
      ...(isPreflight && methods !== '' ? [['Access-Control-Allow-Methods', methods] as const] : []),
      ...(isPreflight && names !== '' ? [['Access-Control-Allow-Headers', names] as const] : []),
      ...(isPreflight ? [['Access-Control-Max-Age', cors.maxAge] as const] : []),
      ...(!isPreflight && cors.expose !== undefined
        ? [['Access-Control-Expose-Headers', cors.expose] as const]
        : []),
    ],
  }
}

function fits(pattern: string, origin: string): boolean {
  if (pattern === '*') return true
  const [head = '', tail] = pattern.toLowerCase().split('*', 2)
  const asked = origin.toLowerCase()
  if (tail === undefined) return asked === head
  const middle = asked.slice(head.length, asked.length - tail.length)
  return asked.startsWith(head) && asked.endsWith(tail) && /^[a-z0-9_.-]+$/.test(middle)
}
