import { LONGEST_TIMER } from '../timer-limit.js'
import { type HashBy, hashByOf } from './hash-by.js'
import type { Affinity, Timeouts } from './route-table.js'
import { isNeedless, unservedMeaning } from './unserved-annotations.js'

const PREFIX = 'nginx.ingress.kubernetes.io/'

/** What the annotations of one Ingress ask for; see the annotations of ingress-nginx at their defaults. */
export interface IngressSettings {
  readonly useRegex: boolean
  readonly rewriteTarget: string | undefined
  readonly appRoot: string | undefined
  readonly forwardedPrefix: string | undefined
  readonly upstreamHost: string | undefined
  readonly redirect: { readonly url: string; readonly status: number } | undefined
  readonly cors: CorsSettings | undefined
  readonly affinity:
    | (Omit<Affinity, 'attributes'> & { readonly attributes: (path: string) => string })
    | undefined
  readonly hashBy: HashBy | undefined
  readonly bodyLimit: number | undefined
  readonly timeouts: Timeouts
  readonly tls: boolean
  readonly canary: CanarySettings | undefined
  /** Other names that the same rules serve, in lower case. */
  readonly aliases: readonly string[]
  /** Whether the name with `www.`, or the one without, leads to that of the rules. */
  readonly isOtherMoved: boolean
}

export interface CorsSettings {
  readonly origins: readonly string[]
  readonly methods: string
  readonly headers: string
  readonly expose: string | undefined
  readonly credentials: boolean
  readonly maxAge: string
}

export interface CanarySettings {
  readonly header: string | undefined
  readonly headerValue: string | undefined
  readonly headerPattern: string | undefined
  readonly cookie: string | undefined
  readonly weight: number
  readonly total: number
  /** Who was served by the canary stays there, as far as there is affinity. */
  readonly isSticky: boolean
}

const KNOWN: readonly string[] = [
  'use-regex',
  'rewrite-target',
  'app-root',
  'x-forwarded-prefix',
  'upstream-vhost',
  'temporal-redirect',
  'temporal-redirect-code',
  'permanent-redirect',
  'permanent-redirect-code',
  'ssl-redirect',
  'force-ssl-redirect',
  'preserve-trailing-slash',
  'enable-cors',
  'cors-allow-origin',
  'cors-allow-methods',
  'cors-allow-headers',
  'cors-expose-headers',
  'cors-allow-credentials',
  'cors-max-age',
  'affinity',
  'affinity-mode',
  'affinity-canary-behavior',
  'upstream-hash-by',
  'session-cookie-name',
  'session-cookie-path',
  'session-cookie-domain',
  'session-cookie-max-age',
  'session-cookie-expires',
  'session-cookie-samesite',
  'session-cookie-secure',
  'session-cookie-change-on-failure',
  'session-cookie-conditional-samesite-none',
  'session-cookie-partitioned',
  'proxy-body-size',
  'proxy-connect-timeout',
  'proxy-send-timeout',
  'proxy-read-timeout',
  'backend-protocol',
  'canary',
  'canary-by-header',
  'canary-by-header-value',
  'canary-by-header-pattern',
  'canary-by-cookie',
  'canary-weight',
  'canary-weight-total',
  'server-alias',
  'from-to-www-redirect',
]

/** Reads the annotations. `messages` has one for each that does nothing here, or that says nothing that can be read. */
export function ingressSettings(annotations: Readonly<Record<string, string>>): {
  readonly settings: IngressSettings
  readonly messages: readonly string[]
} {
  const messages: string[] = []
  const get = (name: string): string | undefined => annotations[PREFIX + name]?.trim()
  const isTrue = (name: string, otherwise = false): boolean => {
    const text = get(name)
    return text === undefined ? otherwise : /^(1|t|true)$/i.test(text)
  }
  for (const key of Object.keys(annotations)) {
    if (!key.startsWith(PREFIX)) continue
    const name = key.slice(PREFIX.length)
    const meaning = unservedMeaning(name)
    if (meaning !== undefined) messages.push(`${name} is not followed here: ${meaning}`)
    else if (!KNOWN.includes(name) && !isNeedless(name)) messages.push(`${key} is not known and does nothing`)
  }
  const rewrite = get('rewrite-target')
  const isRewriteValid = rewrite === undefined || /^[A-Za-z0-9\-._~/:$]*$/.test(rewrite)
  if (!isRewriteValid)
    messages.push(
      `rewrite-target ${rewrite} is ignored, as ingress-nginx does: it may only have A-Z a-z 0-9 - . _ ~ / : $`,
    )
  if (isTrue('force-ssl-redirect'))
    messages.push('the cluster answers plain HTTP with 308 (force-ssl-redirect); here it is served')
  const protocol = get('backend-protocol')?.toUpperCase() ?? 'HTTP'
  if (!['HTTP', 'HTTPS', 'AUTO_HTTP'].includes(protocol))
    messages.push(
      `backend-protocol ${protocol} is not spoken by the gateway on this machine; it takes HTTP/1.1`,
    )
  if (
    isTrue('enable-cors') &&
    isTrue('cors-allow-credentials', true) &&
    corsOf(get, isTrue).origins.includes('*')
  )
    messages.push(
      'enable-cors lets every origin in (*), which browsers refuse for requests with cookies: name the origins by cors-allow-origin',
    )
  const affinity = get('affinity')
  if (affinity === 'cookie' && isTrue('session-cookie-secure'))
    messages.push(
      'session-cookie-secure: browsers keep such a cookie over plain HTTP for .localhost names only, so other names lose their pod here',
    )
  if (affinity === 'cookie' && isTrue('canary'))
    messages.push('of a canary, the affinity of the Ingress that it belongs to counts')
  if (affinity !== undefined && affinity !== 'cookie')
    messages.push(`affinity ${affinity} is no affinity of ingress-nginx: only cookie is`)
  return {
    messages,
    settings: {
      useRegex: isTrue('use-regex'),
      rewriteTarget: isRewriteValid && rewrite !== '' ? rewrite : undefined,
      appRoot: get('app-root'),
      forwardedPrefix: get('x-forwarded-prefix'),
      upstreamHost: get('upstream-vhost'),
      redirect: redirectOf(get),
      cors: isTrue('enable-cors') ? corsOf(get, isTrue) : undefined,
      affinity: affinity === 'cookie' ? affinityOf(get, isTrue) : undefined,
      hashBy: hashBySetting(get('upstream-hash-by'), messages),
      bodyLimit: bytesOf(get('proxy-body-size'), messages),
      timeouts: {
        connect: seconds(get('proxy-connect-timeout'), 5),
        idle: Math.max(seconds(get('proxy-read-timeout'), 60), seconds(get('proxy-send-timeout'), 60)),
        total: undefined,
      },
      tls: protocol === 'HTTPS',
      canary: isTrue('canary') ? canaryOf(get) : undefined,
      aliases: aliasesOf(get('server-alias'), messages),
      isOtherMoved: isTrue('from-to-www-redirect'),
    },
  }
}

function hashBySetting(text: string | undefined, messages: string[]): HashBy | undefined {
  const read = text === undefined || text === '' ? undefined : hashByOf(text)
  if (read === undefined || !('unknown' in read)) return read
  messages.push(
    `upstream-hash-by ${text} is not followed here: $${read.unknown} is not known, so pods take turns`,
  )
  return undefined
}

/** Names apart by commas. A pattern (`~^www\\d+`) would be nginx's own. */
function aliasesOf(text: string | undefined, messages: string[]): readonly string[] {
  const names = (text ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(name => name !== '')
  const isName = (name: string) => /^(\*\.)?[a-z\d]([a-z\d.-]*[a-z\d])?$/.test(name)
  for (const name of names)
    if (!isName(name)) messages.push(`server-alias ${name} is no name, and is not served here`)
  return names.filter(isName)
}

type Get = (name: string) => string | undefined

function redirectOf(get: Get): IngressSettings['redirect'] {
  const temporal = get('temporal-redirect')
  if (temporal) return { url: temporal, status: codeOf(get('temporal-redirect-code'), 307, 302) }
  const permanent = get('permanent-redirect')
  return permanent ? { url: permanent, status: codeOf(get('permanent-redirect-code'), 308, 301) } : undefined
}

function codeOf(text: string | undefined, most: number, otherwise: number): number {
  const code = Number(text ?? Number.NaN)
  return Number.isInteger(code) && code >= 300 && code <= most ? code : otherwise
}

function corsOf(get: Get, isTrue: (name: string, otherwise?: boolean) => boolean): CorsSettings {
  return {
    origins: (get('cors-allow-origin') || '*').split(',').map(origin => origin.trim()),
    methods: get('cors-allow-methods') || 'GET, PUT, POST, DELETE, PATCH, OPTIONS',
    headers:
      get('cors-allow-headers') ||
      'DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization',
    expose: get('cors-expose-headers') || undefined,
    credentials: isTrue('cors-allow-credentials', true),
    maxAge: get('cors-max-age') || '1728000',
  }
}

function affinityOf(get: Get, isTrue: (name: string) => boolean): IngressSettings['affinity'] {
  const maxAge = get('session-cookie-max-age')
  const expires = get('session-cookie-expires')
  const domain = get('session-cookie-domain')
  const sameSite = get('session-cookie-samesite')
  const path = get('session-cookie-path')
  const rest = [
    ...(maxAge && /^\d+$/.test(maxAge)
      ? [`Max-Age=${maxAge}`]
      : expires && /^\d+$/.test(expires)
        ? [`Max-Age=${expires}`]
        : []),
    ...(domain ? [`Domain=${domain}`] : []),
    ...(sameSite ? [`SameSite=${sameSite}`] : []),
    ...(isTrue('session-cookie-secure') ? ['Secure'] : []),
    ...(isTrue('session-cookie-partitioned') ? ['Partitioned'] : []),
    'HttpOnly',
  ]
  return {
    cookie: get('session-cookie-name') || 'INGRESSCOOKIE',
    mode: get('affinity-mode') === 'persistent' ? 'persistent' : 'balanced',
    changeOnFailure: isTrue('session-cookie-change-on-failure'),
    attributes: rulePath => [`Path=${path || rulePath}`, ...rest].join('; '),
  }
}

function canaryOf(get: Get): CanarySettings {
  const total = Math.max(100, Number(get('canary-weight-total') ?? 100) || 100)
  return {
    header: get('canary-by-header')?.toLowerCase() || undefined,
    headerValue: get('canary-by-header-value') || undefined,
    headerPattern: get('canary-by-header-pattern') || undefined,
    cookie: get('canary-by-cookie') || undefined,
    isSticky: get('affinity-canary-behavior') !== 'legacy',
    weight: Math.min(total, Math.max(0, Number(get('canary-weight') ?? 0) || 0)),
    total,
  }
}

function seconds(text: string | undefined, otherwise: number): number {
  const count = Number(text?.replace(/s$/, '') ?? Number.NaN)
  return Math.min((Number.isFinite(count) && count > 0 ? count : otherwise) * 1000, LONGEST_TIMER)
}

function bytesOf(text: string | undefined, messages: string[]): number | undefined {
  const match = /^(\d+)([bkmg]?)$/i.exec(text ?? '1m')
  if (match === null) {
    messages.push(`proxy-body-size ${text} is no size; 1m is used`)
    return 1 << 20
  }
  const unit = { b: 1, '': 1, k: 1 << 10, m: 1 << 20, g: 1 << 30 }[(match[2] ?? '').toLowerCase()] ?? 1
  const bytes = Number(match[1]) * unit
  return bytes === 0 ? undefined : bytes
}
