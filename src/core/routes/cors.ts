import type { CorsSettings } from './ingress-annotations.js'
import type { RouteRequest } from './route-table.js'

type Headers = readonly (readonly [string, string])[]

/** The headers that ingress-nginx adds for CORS, and whether it answers by itself (a preflight). Undefined where the origin is not allowed. */
export function corsAnswer(
  cors: CorsSettings,
  { method, headers }: RouteRequest,
): { readonly isAnswered: boolean; readonly headers: Headers } | undefined {
  const { origin } = headers
  const isOpen = cors.origins.includes('*')
  const isAllowed = isOpen || (origin !== undefined && cors.origins.some(pattern => fits(pattern, origin)))
  if (!isAllowed) return undefined
  const always: Headers = [
    ['Access-Control-Allow-Origin', isOpen ? '*' : (origin ?? '')],
    ...(cors.credentials ? [['Access-Control-Allow-Credentials', 'true'] as const] : []),
    ['Access-Control-Allow-Methods', cors.methods],
    ['Access-Control-Allow-Headers', cors.headers],
    ['Access-Control-Max-Age', cors.maxAge],
    ...(cors.expose === undefined ? [] : [['Access-Control-Expose-Headers', cors.expose] as const]),
    ...(isOpen ? [] : [['Vary', 'Origin'] as const]),
  ]
  return { isAnswered: method === 'OPTIONS', headers: always }
}

/** `https://*.bar.com`: one `*` is one label. Without regard to case. */
function fits(pattern: string, origin: string): boolean {
  const [head = '', tail] = pattern.toLowerCase().split('*', 2)
  const asked = origin.toLowerCase()
  if (tail === undefined) return asked === head
  const middle = asked.slice(head.length, asked.length - tail.length)
  return asked.startsWith(head) && asked.endsWith(tail) && /^[a-z0-9_-]+$/.test(middle)
}
