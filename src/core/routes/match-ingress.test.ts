import { describe, expect, test } from 'vitest'
import { affinityKey } from './affinity-key.js'
import { buildRouteTable } from './build-table.js'
import { matchRoute } from './match.js'
import { ingressServer, matchIngress } from './match-ingress.js'
import type { Decision, RouteRequest, RouteSource } from './route-table.js'

type Path = readonly [path: string, type: 'P' | 'E' | 'I', service: string]
const TYPES = { P: 'Prefix', E: 'Exact', I: 'ImplementationSpecific' }

function ingress(
  name: string,
  host: string | undefined,
  paths: readonly Path[],
  annotations: Readonly<Record<string, string>> = {},
  spec: object = {},
): RouteSource {
  return {
    object: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: {
        name,
        namespace: 'shop',
        annotations: Object.fromEntries(
          Object.entries(annotations).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value]),
        ),
      },
      spec: {
        ...(paths.length === 0
          ? {}
          : {
              rules: [
                {
                  ...(host === undefined ? {} : { host }),
                  http: {
                    paths: paths.map(([path, type, service]) => ({
                      path,
                      pathType: TYPES[type],
                      backend: { service: { name: service, port: { number: 80 } } },
                    })),
                  },
                },
              ],
            }),
        ...spec,
      },
    },
    place: `k8s/${name}.yaml:1`,
  }
}

const request = (target: string, more: Partial<RouteRequest> = {}): RouteRequest => ({
  method: 'GET',
  host: 'a.com',
  target,
  headers: {},
  random: 0.5,
  ...more,
})

const tableOf = (...objects: readonly RouteSource[]) =>
  buildRouteTable({ objects, named: new Map(), hosts: ['b.com', 'a.b.x.com', 'x.com'] })

/** `service target`, `status location`, or what else. */
function said(decision: Decision): string {
  switch (decision.type) {
    case 'proxy':
      return `${decision.backend.service} ${decision.target}`
    case 'answer':
      return `${decision.status} ${decision.headers.find(([name]) => name === 'Location')?.[1] ?? ''}`.trim()
    case 'none':
      return '404'
    case 'bad-request':
      return '400'
  }
}

/** Rows: ingresses, then requests as `[host]target` and what comes of them. */
const table: readonly (readonly [string, readonly RouteSource[], Readonly<Record<string, string>>])[] = [
  [
    'a Prefix by segments',
    [ingress('a', 'a.com', [['/aaa', 'P', 'a']])],
    { '/aaa/b': 'a /aaa/b', '/aaa': 'a /aaa', '/aaaccc': '404', '/AAA': '404' },
  ],
  [
    'Exact and Prefix of one path',
    [
      ingress('a', 'a.com', [
        ['/foo', 'E', 'e'],
        ['/foo', 'P', 'p'],
      ]),
    ],
    { '/foo': 'e /foo', '/foo/': 'p /foo/', '/foobar': '404' },
  ],
  [
    'the longest Prefix',
    [
      ingress('a', 'a.com', [
        ['/', 'P', 'r'],
        ['/a', 'P', 'a'],
        ['/a/b', 'P', 'b'],
      ]),
    ],
    { '/a/b/c': 'b /a/b/c', '/a/bc': 'a /a/bc', '/x': 'r /x' },
  ],
  [
    'a host that is known never falls back',
    [ingress('a', 'a.com', [['/x', 'P', 'a']]), ingress('b', undefined, [['/', 'P', 'b']])],
    { '/y': '404', '[b.com]/y': 'b /y' },
  ],
  [
    'a wildcard is one label',
    [ingress('w', '*.x.com', [['/', 'P', 'w']])],
    { '[b.x.com]/': 'w /', '[B.X.com.:8080]/': 'w /', '[a.b.x.com]/': '404', '[x.com]/': '404' },
  ],
  [
    'exact before wildcard',
    [ingress('w', '*.com', [['/', 'P', 'w']]), ingress('a', 'a.com', [['/', 'P', 'a']])],
    { '/': 'a /' },
  ],
  [
    'a regex of another Ingress beats the literal',
    [
      ingress('a', 'a.com', [['/foo/bar/bar', 'P', 'lit']]),
      ingress('b', 'a.com', [['/foo/bar/[a-z]{3}', 'I', 'other']], { 'rewrite-target': '/new' }),
    ],
    { '/foo/bar/bar': 'other /new' },
  ],
  [
    'a rewrite anywhere makes all paths of the host regexes',
    [
      ingress('a', 'a.com', [['/foo', 'P', 'p']]),
      ingress('b', 'a.com', [['/foo.+', 'I', 'other']], { 'rewrite-target': '/new' }),
    ],
    { '/foo': 'p /foo', '/FOOBAR': 'other /new' },
  ],
  [
    'groups in a rewrite',
    [
      ingress('a', 'a.com', [['/api(/|$)(.*)', 'I', 'api']], { 'rewrite-target': '/$2' }),
      ingress('b', 'a.com', [['/static', 'E', 't']]),
    ],
    {
      '/api': 'api /',
      '/api/v1?q=1': 'api /v1?q=1',
      '/apix': '404',
      '/STATIC/a': 't /STATIC/a',
      '/api/a%20b': 'api /a%20b',
    },
  ],
  [
    'another host stays plain',
    [
      ingress('a', 'a.com', [['/a.+', 'I', 'a']], { 'use-regex': 'true' }),
      ingress('b', 'b.com', [['/foo', 'P', 'b']]),
    ],
    { '[b.com]/FOO': '404', '[b.com]/foo': 'b /foo' },
  ],
  [
    'the tour shop',
    [
      ingress(
        'tour',
        'a.com',
        [
          ['/api/users/?(.*)', 'I', 'auth'],
          ['/api/tours/?(.*)/bookings', 'I', 'booking'],
          ['/api/tours/?(.*)', 'I', 'tour'],
          ['/?(.*)', 'I', 'client'],
        ],
        { 'use-regex': 'true' },
      ),
    ],
    {
      '/api/tours/1/bookings': 'booking /api/tours/1/bookings',
      '/api/tours/1': 'tour /api/tours/1',
      '/API/Users/me': 'auth /API/Users/me',
      '/': 'client /',
      '/x/y': 'client /x/y',
    },
  ],
  [
    'a static rule of a regex host',
    [
      ingress(
        'w',
        'a.com',
        [
          ['/backend', 'P', 'back'],
          ['/.*\\.(gif|jpg|png|ico|ocx)$', 'P', 'web'],
        ],
        { 'use-regex': 'true' },
      ),
    ],
    { '/backend/logo.png': 'web /backend/logo.png', '/backend/x': 'back /backend/x' },
  ],
  [
    'app-root',
    [ingress('a', 'a.com', [['/api', 'P', 'a']], { 'app-root': '/ui' })],
    { '/': '302 http://a.com/ui', '/api': 'a /api' },
  ],
  [
    'the raw target is handed on',
    [ingress('a', 'a.com', [['/a', 'P', 's']])],
    { '/a%2Fb': 's /a%2Fb', '//a/../a/b': 's //a/../a/b', '/%61/x': 's /%61/x' },
  ],
  [
    'what nginx does not take',
    [ingress('a', 'a.com', [['/', 'P', 's']])],
    { '/../x': '400', '/%zz': '400', '/a%00': '400', '/a?x=%zz': 's /a?x=%zz' },
  ],
  [
    'redirects',
    [
      ingress('t', 'a.com', [['/t', 'P', 's']], {
        'temporal-redirect': 'https://t.com',
        'permanent-redirect': 'https://p.com',
      }),
      ingress('p', 'a.com', [['/p', 'P', 's']], {
        'permanent-redirect': 'https://p.com',
        'permanent-redirect-code': '308',
      }),
      ingress('o', 'a.com', [['/o', 'P', 's']], {
        'permanent-redirect': 'https://p.com',
        'permanent-redirect-code': '418',
      }),
    ],
    { '/t/x?q': '302 https://t.com', '/p': '308 https://p.com', '/o': '301 https://p.com' },
  ],
  [
    'a default backend of the host',
    [
      ingress(
        'a',
        'a.com',
        [['/x', 'P', 'a']],
        {},
        { defaultBackend: { service: { name: 'd', port: { number: 80 } } } },
      ),
    ],
    { '/y': 'd /y', '/x': 'a /x' },
  ],
  [
    'an Ingress of a default backend alone',
    [
      ingress('a', undefined, [], {}, { defaultBackend: { service: { name: 'd', port: { number: 80 } } } }),
      ingress('z', undefined, [['/', 'P', 'r']]),
    ],
    { '[b.com]/y': 'd /y' },
  ],
  [
    'another class',
    [ingress('a', 'a.com', [['/', 'P', 'a']], {}, { ingressClassName: 'traefik' })],
    { '/': '404' },
  ],
  [
    'a Prefix that ends with a slash, asked without',
    [ingress('a', 'a.com', [['/foo/', 'P', 'a']])],
    { '/foo?q=1': '301 http://a.com/foo/?q=1', '/foo/x': 'a /foo/x' },
  ],
  [
    'of two with the same path, the greater name',
    [ingress('a', 'a.com', [['/', 'P', 'a']]), ingress('b', 'a.com', [['/', 'P', 'b']])],
    { '/': 'b /' },
  ],
  [
    'ssl-redirect does nothing here',
    [
      ingress(
        'a',
        'a.com',
        [['/', 'P', 'a']],
        { 'force-ssl-redirect': 'true' },
        { tls: [{ hosts: ['a.com'], secretName: 's' }] },
      ),
    ],
    { '/': 'a /' },
  ],
]

const aliased = [
  ingress('a', 'a.com', [['/x', 'P', 'a']], { 'server-alias': 'B.com, *.x.com,own.com' }),
  ingress('o', 'own.com', [['/', 'P', 'own']]),
]
const www = [
  ingress('a', 'a.com', [['/', 'P', 'a']], { 'from-to-www-redirect': 'true' }),
  ingress('w', 'www.w.com', [['/', 'P', 'w']], { 'from-to-www-redirect': 'true' }),
  ingress('o', 'o.com', [['/', 'P', 'o']], { 'from-to-www-redirect': 'true' }),
  ingress('v', 'www.o.com', [['/', 'P', 'v']]),
]

describe.each([
  ...table,
  [
    'aliases serve what their host does, but for names that have rules of their own',
    aliased,
    { '[b.com]/x': 'a /x', '[b.com]/y': '404', '[any.x.com]/x': 'a /x', '[own.com]/x': 'own /x' },
  ],
  [
    'the name with www. and the one without, whichever has no rules',
    www,
    {
      '/': 'a /',
      '[www.a.com]/x?q=1': '308 http://a.com/x?q=1',
      '[www.a.com:8080]/': '308 http://a.com:8080/',
      '[w.com]/': '308 http://www.w.com/',
      '[www.o.com]/': 'v /',
    },
  ],
] as typeof table)('%s', (_, objects, requests) => {
  test.each(Object.entries(requests))('%s → %s', (asked, expected) => {
    const [, host = 'a.com', target = ''] = /^(?:\[(.*?)\])?(\/.*)$/.exec(asked) ?? []
    expect(said(matchRoute(tableOf(...objects), request(target, { host })))).toBe(expected)
  })
})

test('a name that nobody named is refused, also by rules of any name', () => {
  const open = tableOf(ingress('b', undefined, [['/', 'P', 'b']]))
  expect(matchRoute(open, request('/', { host: 'evil.com' }))).toMatchObject({ type: 'none', reason: 'host' })
  expect(said(matchRoute(open, request('/', { host: '127.0.0.1:8080' })))).toBe('b /')
  expect(said(matchRoute(open, request('/', { host: 'a b' })))).toBe('400')
})

test.each([
  ['header always', { 'canary-by-header': 'X' }, { x: 'always' }, 'canary'],
  ['header never', { 'canary-by-header': 'X', 'canary-weight': '100' }, { x: 'never' }, 'main'],
  ['header value', { 'canary-by-header': 'X', 'canary-by-header-value': 'v' }, { x: 'v' }, 'canary'],
  ['always is no value', { 'canary-by-header': 'X', 'canary-by-header-value': 'v' }, { x: 'always' }, 'main'],
  [
    'header pattern',
    { 'canary-by-header': 'X', 'canary-by-header-pattern': 'v\\d' },
    { x: 'my-v2' },
    'canary',
  ],
  ['cookie', { 'canary-by-cookie': 'c' }, { cookie: 'a=b; c=always' }, 'canary'],
  ['weight', { 'canary-weight': '60' }, {}, 'canary'],
  ['less weight', { 'canary-weight': '40' }, {}, 'main'],
])('canary by %s', (_, annotations, headers, service) => {
  const objects = [
    ingress('m', 'a.com', [['/', 'P', 'main']]),
    ingress('c', 'a.com', [['/', 'P', 'canary']], { canary: 'true', ...annotations }),
  ]
  expect(said(matchRoute(tableOf(...objects), request('/', { headers })))).toBe(`${service} /`)
})

const keyOf = (service: string) => affinityKey({ namespace: 'shop', service, port: 80 })

test.each([
  ['of the primary stays with it', { 'canary-weight': '100' }, `x|${keyOf('main')}`, 'main', true],
  ['of the canary stays with it', { 'canary-weight': '0' }, `x|${keyOf('canary')}`, 'canary', true],
  ['of neither is drawn for', { 'canary-weight': '100' }, 'x|y', 'canary', true],
  [
    'of the canary is drawn for again, where its behavior is legacy',
    { 'canary-weight': '0', 'affinity-canary-behavior': 'legacy' },
    `x|${keyOf('canary')}`,
    'main',
    true,
  ],
  [
    'of neither gets none from a canary whose behavior is legacy',
    { 'canary-weight': '100', 'affinity-canary-behavior': 'legacy' },
    'x|y',
    'canary',
    false,
  ],
])('a client with a cookie of affinity %s', (_, annotations, value, service, hasAffinity) => {
  const table = tableOf(
    ingress('m', 'a.com', [['/', 'P', 'main']], { affinity: 'cookie' }),
    ingress('c', 'a.com', [['/', 'P', 'canary']], { canary: 'true', ...annotations }),
  )
  const decision = matchRoute(table, request('/', { headers: { cookie: `a=b; INGRESSCOOKIE=${value}` } }))
  expect(said(decision)).toBe(`${service} /`)
  expect(decision.type === 'proxy' && decision.affinity !== undefined).toBe(hasAffinity)
})

test.each([
  ['$request_uri', '/a/../b?c=D'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: nginx writes it so
  ['${uri}', '/b'],
  ['$args', 'c=D'],
  ['$arg_c', 'D'],
  ['$arg_d', ''],
  ['$cookie_user', 'ann'],
  ['$http_x_tenant-$request_method', 'acme-GET'],
  ['$host', 'a.com'],
  ['$http_host', 'a.com:8080'],
  ['$remote_addr', '127.0.0.1'],
  // No variable of nginx: that all objects have it makes it none.
  ['$constructor', undefined],
])('upstream-hash-by %s: %s', (value, expected) => {
  const table = tableOf(ingress('a', 'a.com', [['/', 'P', 'a']], { 'upstream-hash-by': value }))
  const headers = { cookie: 'x=y; user=ann', 'x-tenant': 'acme' }
  const decision = matchRoute(table, request('/a/../b?c=D', { host: 'a.com:8080', headers }))
  expect(decision).toMatchObject({ type: 'proxy', hash: expected })
})

test('affinity comes before upstream-hash-by', () => {
  const annotations = { 'upstream-hash-by': '$request_uri', affinity: 'cookie' }
  const table = tableOf(ingress('a', 'a.com', [['/', 'P', 'a']], annotations))
  expect(matchRoute(table, request('/'))).toMatchObject({
    hash: undefined,
    affinity: { cookie: 'INGRESSCOOKIE' },
  })
})

test('CORS: a preflight is answered, other requests get the headers, other origins neither', () => {
  const objects = [
    ingress('a', 'a.com', [['/', 'P', 'a']], {
      'enable-cors': 'true',
      'cors-allow-origin': 'https://*.bar.com',
    }),
  ]
  const ask = (method: string, origin: string) =>
    matchRoute(tableOf(...objects), request('/', { method, headers: { origin } }))
  expect(ask('OPTIONS', 'https://x.bar.com')).toMatchObject({
    type: 'answer',
    status: 204,
    headers: expect.arrayContaining([['Access-Control-Allow-Origin', 'https://x.bar.com']]),
  })
  expect(ask('GET', 'https://x.bar.com')).toMatchObject({
    type: 'proxy',
    responseHeaders: expect.arrayContaining([
      { type: 'set', name: 'Access-Control-Allow-Credentials', value: 'true' },
    ]),
  })
  expect(ask('OPTIONS', 'https://a.x.bar.com')).toMatchObject({ type: 'proxy', responseHeaders: [] })
})

test('limits, timeouts, cookie and host of the annotations', () => {
  const objects = [
    ingress('a', 'a.com', [['/app', 'P', 'a']], {
      'proxy-body-size': '8m',
      'proxy-read-timeout': '120',
      affinity: 'cookie',
      'affinity-mode': 'persistent',
      'session-cookie-name': 'route',
      'session-cookie-max-age': '60',
      'upstream-vhost': 'inner',
    }),
  ]
  expect(matchRoute(tableOf(...objects), request('/app'))).toMatchObject({
    bodyLimit: 8 << 20,
    timeouts: { connect: 5000, idle: 120_000 },
    host: 'inner',
    affinity: { cookie: 'route', mode: 'persistent', attributes: 'Path=/app; Max-Age=60; HttpOnly' },
  })
})

test.each([
  [{ 'what-is-this': '1' }, 'not known'],
  [{ 'client-max-body-size': '8m' }, 'not known'],
  [{ 'configuration-snippet': 'return 200;' }, 'configuration-snippet is not followed here'],
  [{ 'server-snippet': 'return 200;' }, 'lines of nginx'],
  [{ 'auth-url': 'http://x' }, 'auth-url is not followed here: no login'],
  [{ 'auth-tls-secret': 'a/b' }, 'client certificates'],
  [{ 'limit-rps': '5' }, 'not limited'],
  [{ 'whitelist-source-range': '10.0.0.0/8' }, 'every request comes from this machine'],
  [{ 'upstream-hash-by': '$upstream_addr' }, 'pods take turns'],
  [{ 'upstream-hash-by-subset': 'true' }, 'one pod'],
  [{ 'default-backend': 'sorry' }, 'not this Service'],
  [{ 'custom-http-errors': '404' }, 'as the pod sends them'],
  [{ 'proxy-cookie-path': '/ /a' }, 'as the pod sets them'],
  [{ 'ssl-passthrough': 'true' }, 'plain HTTP'],
  [{ affinity: 'cookie', 'session-cookie-hash': 'sha1' }, 'no more'],
  [{ affinity: 'cookie', 'session-cookie-secure': 'true' }, '.localhost names only'],
  [{ 'backend-protocol': 'GRPC' }, 'GRPC is not spoken'],
  [{ 'enable-cors': 'true' }, 'name the origins'],
  [{ 'server-alias': '~^www\\d+' }, 'no name'],
  [{ 'rewrite-target': '/a?b' }, 'ignored'],
])('%j is reported', (annotations, words) => {
  const { findings } = tableOf(ingress('a', 'a.com', [['/', 'P', 'a']], annotations))
  expect(findings).toEqual([{ of: 'ingress/a in k8s/a.yaml:1', message: expect.stringContaining(words) }])
})

test.each([
  'proxy-buffering',
  'proxy-buffer-size',
  'proxy-next-upstream-tries',
  'enable-access-log',
  'enable-opentelemetry',
  'ssl-redirect',
  'service-upstream',
  'load-balance',
])('%s changes no answer, and is not told', name => {
  const { findings } = tableOf(ingress('a', 'a.com', [['/', 'P', 'a']], { [name]: 'true' }))
  expect(findings).toEqual([])
})

test('a path that is no regular expression is reported and skipped; the others go on', () => {
  const objects = [
    ingress(
      'a',
      'a.com',
      [
        ['/a(b', 'I', 'x'],
        ['/(a+)+$', 'I', 'y'],
        ['/a', 'I', 'a'],
      ],
      { 'use-regex': 'true' },
    ),
  ]
  const compiled = tableOf(...objects)
  expect(said(matchRoute(compiled, request('/aaa')))).toBe('a /aaa')
  expect(compiled.findings).toHaveLength(2)
})

test('ages decide between two with the same path, where all have one', () => {
  const dated = (name: string, creationTimestamp: string) => {
    const source = ingress(name, 'a.com', [['/', 'P', name]])
    return {
      ...source,
      object: { ...source.object, metadata: { ...source.object.metadata, creationTimestamp } },
    }
  }
  const compiled = tableOf(dated('b', '2026-01-02T00:00:00Z'), dated('a', '2026-01-01T00:00:00Z'))
  const server = ingressServer(compiled.ingress, 'a.com')
  expect(server === undefined ? '' : said(matchIngress(server, request('/')))).toBe('a /')
})
