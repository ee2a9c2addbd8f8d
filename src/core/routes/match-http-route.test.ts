import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import { buildRouteTable } from './build-table.js'
import { matchRoute } from './match.js'
import type { Decision, RouteRequest } from './route-table.js'

const API = 'gateway.networking.k8s.io/v1'
const object = (kind: string, name: string, spec: object, more: object = {}): KubeObject => ({
  apiVersion: API,
  kind,
  metadata: { name, namespace: 'infra', ...more },
  spec,
})
const gateway = (...listeners: readonly object[]) =>
  object('Gateway', 'gw', {
    listeners: (listeners.length === 0 ? [{}] : listeners).map((listener, at) => ({
      name: `l${at}`,
      protocol: 'HTTP',
      port: 80,
      ...listener,
    })),
  })
const to = (name: string, more: object = {}) => ({ backendRefs: [{ name, port: 8080, ...more }] })
const prefix = (value: string) => ({ path: { type: 'PathPrefix', value } })
const exact = (value: string) => ({ path: { type: 'Exact', value } })
const header = (name: string, value: string) => ({ name, value })
const route = (name: string, hostnames: readonly string[], rules: readonly object[], more: object = {}) =>
  object('HTTPRoute', name, { parentRefs: [{ name: 'gw' }], hostnames, rules, ...more })

const tableOf = (objects: readonly KubeObject[]) =>
  buildRouteTable({
    objects: objects.map(one => ({ object: one })),
    named: new Map(),
    hosts: ['a.com', 'foo.com'],
  })

function ask(objects: readonly KubeObject[], asked: Partial<RouteRequest>): Decision {
  return matchRoute(tableOf(objects), {
    method: 'GET',
    host: 'a.com',
    target: '/',
    headers: {},
    random: 0,
    ...asked,
  })
}

function said(decision: Decision): string {
  switch (decision.type) {
    case 'proxy':
      return `${decision.backend.service} ${decision.target}`
    case 'answer':
      return `${decision.status} ${decision.headers.find(([name]) => name === 'Location')?.[1] ?? ''}`.trim()
    default:
      return '404'
  }
}

type Ask = readonly [asked: string | Partial<RouteRequest>, expected: string]
const cases: readonly (readonly [string, readonly KubeObject[], readonly Ask[]])[] = [
  [
    'httproute-matching',
    [
      gateway(),
      route(
        'r',
        [],
        [
          { matches: [prefix('/'), { headers: [header('version', 'one')] }], ...to('one') },
          { matches: [prefix('/v2'), { headers: [header('Version', 'two')] }], ...to('two') },
        ],
      ),
    ],
    [
      ['/v2example', 'one /v2example'],
      ['/v2/', 'two /v2/'],
      [{ headers: { version: 'two' } }, 'two /'],
      ['/foo', 'one /foo'],
    ],
  ],
  [
    'httproute-path-match-order',
    [
      gateway(),
      route(
        'r',
        [],
        [
          { matches: [prefix('/match/prefix/one')], ...to('2') },
          { matches: [exact('/match')], ...to('1') },
          { matches: [prefix('/match/')], ...to('3') },
          { matches: [prefix('/match/prefix/')], ...to('1') },
        ],
      ),
    ],
    [
      ['/match', '1 /match'],
      ['/match/any', '3 /match/any'],
      ['/match/prefix/x', '1 /match/prefix/x'],
      ['/match/prefix/one/any', '2 /match/prefix/one/any'],
    ],
  ],
  [
    'httproute-exact-path-matching',
    [gateway(), route('r', [], [{ matches: [exact('/two')], ...to('b') }])],
    [
      ['/two', 'b /two'],
      ['/two/', '404'],
      ['/Two', '404'],
      ['/two?x', 'b /two?x'],
    ],
  ],
  [
    'httproute-header-matching',
    [
      gateway(),
      route(
        'r',
        [],
        [
          { matches: [{ headers: [header('v', 'two')] }], ...to('2') },
          { matches: [{ headers: [header('v', 'two'), header('color', 'orange')] }], ...to('1') },
        ],
      ),
    ],
    [
      [{ headers: { v: 'two', color: 'orange' } }, '1 /'],
      [{ headers: { color: 'orange' } }, '404'],
      [{ headers: { v: 'two' } }, '2 /'],
    ],
  ],
  [
    'httproute-method-matching and precedence',
    [
      gateway(),
      route(
        'r',
        [],
        [
          { matches: [prefix('/path5')], ...to('1') },
          { matches: [{ method: 'PATCH', ...prefix('/path5') }], ...to('2') },
          { matches: [{ ...prefix('/path5'), headers: [header('v', 'four')] }], ...to('3') },
          { matches: [{ ...prefix('/path5'), queryParams: [header('a', 'hydra')] }], ...to('4') },
        ],
      ),
    ],
    [
      ['/path5', '1 /path5'],
      [{ method: 'PATCH', target: '/path5', headers: { v: 'four' } }, '2 /path5'],
      [{ target: '/path5?a=hydra', headers: { v: 'four' } }, '3 /path5?a=hydra'],
      ['/path5?a=hydra&a=b', '4 /path5?a=hydra&a=b'],
      ['/path5?a=b&a=hydra', '1 /path5?a=b&a=hydra'],
    ],
  ],
  [
    'GET is not HEAD',
    [gateway(), route('r', [], [{ matches: [{ method: 'GET' }, { method: 'POST' }], ...to('b') }])],
    [
      ['/', 'b /'],
      [{ method: 'HEAD' }, '404'],
    ],
  ],
  [
    'httproute-listener-hostname-matching',
    [
      gateway({ hostname: 'bar.com' }, { hostname: 'foo.bar.com' }, { hostname: '*.bar.com' }),
      route('r1', [], [to('1')], { parentRefs: [{ name: 'gw', sectionName: 'l0' }] }),
      route('r2', [], [to('2')], { parentRefs: [{ name: 'gw', sectionName: 'l1' }] }),
      route('r3', [], [to('3')], { parentRefs: [{ name: 'gw', sectionName: 'l2' }] }),
    ],
    [
      [{ host: 'bar.com' }, '1 /'],
      [{ host: 'foo.bar.com:8080' }, '2 /'],
      [{ host: 'a.b.bar.com' }, '3 /'],
      [{ host: 'foo.com' }, '404'],
    ],
  ],
  [
    'httproute-hostname-intersection',
    [gateway({ hostname: 'very.specific.com' }), route('r', ['*.specific.com'], [to('b')])],
    [
      [{ host: 'very.specific.com:1234' }, 'b /'],
      [{ host: 'foo.specific.com' }, '404'],
    ],
  ],
  [
    'two wildcards: the narrower',
    [gateway({ hostname: '*.com' }), route('r', ['*.x.com'], [to('b')])],
    [
      [{ host: 'a.x.com' }, 'b /'],
      [{ host: 'x.com' }, '404'],
      [{ host: 'a.y.com' }, '404'],
    ],
  ],
  [
    'gateway-http-listener-isolation',
    [
      gateway({}, { hostname: '*.example.com' }),
      route('r', [], [to('b')], { parentRefs: [{ name: 'gw', sectionName: 'l0' }] }),
    ],
    [
      [{ host: 'bar.example.com' }, '404'],
      [{ host: 'a.com' }, 'b /'],
    ],
  ],
  [
    'httproute-listener-port-matching',
    [
      gateway({ port: 80 }, { port: 8080 }),
      route('r1', ['a.com'], [to('1')], { parentRefs: [{ name: 'gw', port: 80 }] }),
      route('r2', ['a.com'], [to('2')], { parentRefs: [{ name: 'gw', port: 8080 }] }),
    ],
    [
      [{ host: 'a.com:80' }, '1 /'],
      [{ host: 'a.com:8080' }, '2 /'],
      [{ host: 'a.com:9999' }, '1 /'],
    ],
  ],
  [
    'httproute-weight',
    [
      gateway(),
      route(
        'r',
        [],
        [
          {
            backendRefs: [
              { name: 'a', port: 1, weight: 70 },
              { name: 'b', port: 1, weight: 30 },
              { name: 'c', port: 1, weight: 0 },
            ],
          },
        ],
      ),
    ],
    [
      [{ random: 0 }, 'a /'],
      [{ random: 0.699 }, 'a /'],
      [{ random: 0.7 }, 'b /'],
      [{ random: 0.9999 }, 'b /'],
    ],
  ],
  [
    'no backend, no weight, another kind, no grant',
    [
      gateway(),
      route(
        'r',
        [],
        [
          { matches: [prefix('/none')] },
          { matches: [prefix('/zero')], ...to('a', { weight: 0 }) },
          { matches: [prefix('/kind')], ...to('a', { kind: 'Bucket' }) },
          { matches: [prefix('/ns')], ...to('a', { namespace: 'other' }) },
          { matches: [prefix('/ok')], ...to('a') },
        ],
      ),
    ],
    [
      ['/none', '500'],
      ['/zero', '500'],
      ['/kind', '500'],
      ['/ns', '500'],
      ['/ok', 'a /ok'],
    ],
  ],
  [
    'httproute-rewrite-path',
    [
      gateway(),
      route(
        'r',
        [],
        [
          {
            matches: [prefix('/strip-prefix')],
            filters: [
              {
                type: 'URLRewrite',
                urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } },
              },
            ],
            ...to('b'),
          },
          {
            matches: [prefix('/full')],
            filters: [
              {
                type: 'URLRewrite',
                urlRewrite: { hostname: 'h', path: { type: 'ReplaceFullPath', replaceFullPath: '/one' } },
              },
            ],
            ...to('b'),
          },
          {
            matches: [exact('/bad')],
            filters: [
              {
                type: 'URLRewrite',
                urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } },
              },
            ],
            ...to('b'),
          },
        ],
      ),
    ],
    [
      ['/strip-prefix', 'b /'],
      ['/strip-prefix/three?q', 'b /three?q'],
      ['/full/x?q', 'b /one?q'],
      ['/bad', '500'],
    ],
  ],
  [
    'httproute-redirect-port-and-scheme',
    [
      gateway({ port: 8080 }),
      route(
        'r',
        [],
        [
          {
            matches: [prefix('/s')],
            filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https' } }],
          },
          { matches: [prefix('/n')], filters: [{ type: 'RequestRedirect', requestRedirect: {} }] },
          {
            matches: [prefix('/p')],
            filters: [
              { type: 'RequestRedirect', requestRedirect: { hostname: 'x.org', port: 80, statusCode: 301 } },
            ],
          },
          {
            matches: [prefix('/old')],
            filters: [
              {
                type: 'RequestRedirect',
                requestRedirect: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/new' } },
              },
            ],
          },
        ],
      ),
    ],
    [
      [{ host: 'a.com:8080', target: '/s?q=1' }, '302 https://a.com/s?q=1'],
      [{ host: 'a.com:8080', target: '/n' }, '302 http://a.com:8080/n'],
      ['/p', '301 http://x.org/p'],
      ['/old/x', '302 http://a.com/new/x'],
    ],
  ],
  [
    'an unknown filter is never skipped',
    [gateway(), route('r', [], [{ filters: [{ type: 'ExtensionRef', extensionRef: {} }], ...to('b') }])],
    [['/', '500']],
  ],
  [
    'allowedRoutes',
    [gateway({ allowedRoutes: { namespaces: { from: 'None' } } }), route('r', ['a.com'], [to('b')])],
    [['/', '404']],
  ],
  [
    'the routes of another namespace',
    [
      gateway({
        allowedRoutes: { namespaces: { from: 'Selector', selector: { matchLabels: { team: 'x' } } } },
      }),
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'apps', labels: { team: 'x' } } },
      {
        ...route('r', ['a.com'], [to('b')], { parentRefs: [{ name: 'gw', namespace: 'infra' }] }),
        metadata: { name: 'r', namespace: 'apps' },
      },
    ],
    [['/', 'b /']],
  ],
  [
    'a redirect to HTTPS gives way to the listener with TLS',
    [
      gateway({ name: 'http' }, { name: 'https', protocol: 'HTTPS', port: 443 }),
      route(
        'r',
        [],
        [{ filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }] }],
        { parentRefs: [{ name: 'gw', sectionName: 'http' }] },
      ),
      route('s', [], [{ matches: [prefix('/app')], ...to('b') }], {
        parentRefs: [{ name: 'gw', sectionName: 'https' }],
      }),
    ],
    [
      ['/app/x', 'b /app/x'],
      ['/', '301 https://a.com/'],
    ],
  ],
  [
    'a redirect to another name or path by HTTPS is one',
    [
      gateway({ name: 'http' }, { name: 'https', protocol: 'HTTPS', port: 443 }),
      route(
        'r',
        [],
        [
          {
            filters: [
              { type: 'RequestRedirect', requestRedirect: { scheme: 'https', hostname: 'login.com' } },
            ],
          },
        ],
        { parentRefs: [{ name: 'gw', sectionName: 'http' }] },
      ),
      route('s', [], [to('b')], { parentRefs: [{ name: 'gw', sectionName: 'https' }] }),
    ],
    [['/x', '302 https://login.com/x']],
  ],
  [
    'regular expressions between Exact and PathPrefix, whole path',
    [
      gateway(),
      route(
        'r',
        [],
        [
          { matches: [prefix('/v1')], ...to('p') },
          { matches: [{ path: { type: 'RegularExpression', value: '/v\\d' } }], ...to('r') },
          { matches: [exact('/v2')], ...to('e') },
        ],
      ),
    ],
    [
      ['/v1', 'r /v1'],
      ['/v1/x', 'p /v1/x'],
      ['/v2', 'e /v2'],
    ],
  ],
  [
    '%2F is data',
    [gateway(), route('r', [], [{ matches: [prefix('/a/b')], ...to('b') }])],
    [
      ['/a%2Fb', '404'],
      ['/a/b', 'b /a/b'],
    ],
  ],
  ['a Gateway that is in no manifest', [route('r', ['a.com'], [to('b')])], [['/', 'b /']]],
  [
    'conflicting listeners serve nothing',
    [gateway({ hostname: 'a.com' }, { hostname: 'a.com' }), route('r', ['a.com'], [to('b')])],
    [['/', '404']],
  ],
]

describe.each(cases)('%s', (_, objects, asks) => {
  test.each(asks)('%j → %s', (asked, expected) => {
    expect(said(ask(objects, typeof asked === 'string' ? { target: asked } : asked))).toBe(expected)
  })
})

const grant = (from: object, toWhat: object, namespace = 'other'): KubeObject => ({
  ...object('ReferenceGrant', 'g', {
    from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'infra', ...from }],
    to: [{ group: '', kind: 'Service', ...toWhat }],
  }),
  metadata: { name: 'g', namespace },
})

test.each([
  ['fits', grant({}, {}), 'b /'],
  ['names the service', grant({}, { name: 'b' }), 'b /'],
  ['names another service', grant({}, { name: 'c' }), '500'],
  ['from another namespace', grant({ namespace: 'x' }, {}), '500'],
  ['from another kind', grant({ kind: 'GRPCRoute' }, {}), '500'],
  ['to another group', grant({}, { group: 'apps' }), '500'],
  ['in another namespace', grant({}, {}, 'infra'), '500'],
])('a ReferenceGrant that %s', (_, granted, expected) => {
  const objects = [gateway(), granted, route('r', [], [to('b', { namespace: 'other' })])]
  expect(said(ask(objects, {}))).toBe(expected)
})

test.each([
  [{ parentRefs: [] }, 'it names no Gateway (parentRefs)'],
  [{ parentRefs: [{ name: 'gw', sectionName: 'no' }] }, 'NoMatchingParent'],
  [{ parentRefs: [{ name: 'gw', port: 81 }] }, 'NoMatchingParent'],
  [{ hostnames: ['b.org'] }, 'NoMatchingListenerHostname'],
  [{ parentRefs: [{ name: 'other' }] }, 'not in the manifests'],
])('%j is reported as %s', (more, words) => {
  const { findings } = tableOf([gateway({ hostname: 'a.com' }), route('r', [], [to('b')], more)])
  expect(findings.map(({ message }) => message).join()).toContain(words)
})

test('header modifiers, timeouts and CORS', () => {
  const filters = [
    {
      type: 'RequestHeaderModifier',
      requestHeaderModifier: { set: [header('a', '1')], add: [header('b', '2')], remove: ['c'] },
    },
    {
      type: 'CORS',
      cors: { allowOrigins: ['https://*.bar.com'], allowMethods: ['*'], allowCredentials: true },
    },
  ]
  const objects = [gateway(), route('r', [], [{ filters, timeouts: { request: '1m30s' }, ...to('b') }])]
  expect(ask(objects, {})).toMatchObject({
    timeouts: { total: 90_000 },
    requestHeaders: [
      { type: 'set', name: 'a', value: '1' },
      { type: 'add', name: 'b', value: '2' },
      { type: 'remove', name: 'c' },
    ],
  })
  const preflight = (origin: string) =>
    ask(objects, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'PUT' } })
  expect(preflight('https://xpto.www.bar.com')).toMatchObject({
    status: 204,
    headers: expect.arrayContaining([
      ['Access-Control-Allow-Origin', 'https://xpto.www.bar.com'],
      ['Access-Control-Allow-Methods', 'PUT'],
    ]),
  })
  expect(preflight('https://foobar.com')).toMatchObject({ headers: [] })
})
