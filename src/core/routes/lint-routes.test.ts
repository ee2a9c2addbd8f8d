import { expect, test } from 'vitest'
import { buildRouteTable } from './build-table.js'
import { explainRoute } from './explain-route.js'
import { lintRoutes } from './lint-routes.js'
import type { RouteSource } from './route-table.js'
import { samplePaths } from './sample-paths.js'

const REGEX = { 'nginx.ingress.kubernetes.io/use-regex': 'true' }

type Path = readonly [path: string, service: string, type?: 'Exact' | 'Prefix']

function ingress(
  paths: readonly Path[],
  { name = 'shop', host = 'a.com', annotations = {} } = {},
): RouteSource {
  return {
    place: `${name}.yaml:1`,
    object: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name, namespace: 'shop', annotations },
      spec: {
        rules: [
          {
            host,
            http: {
              paths: paths.map(([path, service, pathType = 'ImplementationSpecific']) => ({
                path,
                pathType,
                backend: { service: { name: service, port: { number: 80 } } },
              })),
            },
          },
        ],
      },
    },
  }
}

function route(rules: readonly object[], { name = 'api', hostname = 'a.com' } = {}): RouteSource {
  return {
    place: `${name}.yaml:1`,
    object: {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name, namespace: 'shop' },
      spec: { parentRefs: [{ name: 'edge' }], hostnames: [hostname], rules },
    },
  }
}

const rule = (match: object, service = 'web') => ({
  matches: [match],
  backendRefs: [{ name: service, port: 80 }],
})
const at = (type: string, value: string) => ({ path: { type, value } })
const tableOf = (sources: readonly RouteSource[]) =>
  buildRouteTable({ objects: sources, named: new Map(), hosts: [] })

test.each<[string, readonly RouteSource[], readonly string[]]>([
  [
    'prefixes within each other',
    [
      ingress([
        ['/', 'a', 'Prefix'],
        ['/api', 'b', 'Prefix'],
        ['/api', 'c', 'Exact'],
      ]),
    ],
    [],
  ],
  [
    'a special expression within a general one',
    [
      ingress(
        [
          ['/?(.*)', 'a'],
          ['/api/tours/?(.*)', 'b'],
          ['/api/tours/?(.*)/bookings', 'c'],
        ],
        { annotations: REGEX },
      ),
    ],
    [],
  ],
  [
    'of the same length, the later letters come first: the special one',
    [
      ingress(
        [
          ['/api/.*', 'a'],
          ['/api/v1', 'b'],
        ],
        { annotations: REGEX },
      ),
    ],
    [],
  ],
  [
    'a prefix that a longer expression takes',
    [
      ingress(
        [
          ['/v1', 'a'],
          ['/(v1|v2)', 'b'],
        ],
        { annotations: REGEX },
      ),
    ],
    ['a.com/v1 can never match: /(v1|v2) of ingress/shop in shop.yaml:1 comes before it and takes /v1'],
  ],
  [
    'static files that take those of a backend',
    [
      ingress(
        [
          ['/backend/?(.*)', 'a'],
          ['/.*\\.(png|css|html)', 'b'],
        ],
        { annotations: REGEX },
      ),
    ],
    [
      'a.com/backend/?(.*) and /.*\\.(png|css|html) of ingress/shop in shop.yaml:1 overlap: /backend/x.png goes to the latter',
    ],
  ],
  [
    'a backend that takes static files',
    [
      ingress(
        [
          ['/backend/?(.*)', 'a'],
          ['/.*\\.(png)', 'b'],
        ],
        { annotations: REGEX },
      ),
    ],
    [
      'a.com/.*\\.(png) and /backend/?(.*) of ingress/shop in shop.yaml:1 overlap: /backend/x.png goes to the latter',
    ],
  ],
  [
    'a route under an Ingress of the same host',
    [ingress([['/', 'a', 'Prefix']]), route([rule(at('PathPrefix', '/api'))])],
    ['a.com/api can never match: / of ingress/shop in shop.yaml:1 comes before it and takes /api'],
  ],
  [
    'routes that differ in method',
    [
      route([
        rule({ ...at('PathPrefix', '/a'), method: 'GET' }),
        rule({ ...at('PathPrefix', '/a'), method: 'POST' }),
      ]),
    ],
    [],
  ],
  [
    'two routes for one path',
    [
      route([rule(at('PathPrefix', '/a'))]),
      route([rule(at('PathPrefix', '/a'), 'other')], { name: 'later' }),
    ],
    ['a.com/a is claimed by httproute/api in api.yaml:1 too, which gets its requests'],
  ],
])('%s', (_, sources, messages) => {
  expect(lintRoutes(tableOf(sources)).map(({ message }) => message)).toEqual(messages)
})

test.each<[string, readonly string[]]>([
  [
    '/api/tours/?(.*)/bookings',
    ['/api/tours/x/bookings', '/api/tours//bookings', '/api/toursx/bookings', '/api/tours/bookings'],
  ],
  ['/[a-z]{3}\\d+', ['/xxx1']],
  ['/(a|b)c?', ['/ac', '/bc', '/a', '/b']],
])('samples of %s', (pattern, samples) => {
  expect(samplePaths(pattern)).toEqual(samples)
  for (const sample of samples) expect(sample).toMatch(new RegExp(`^${pattern}$`))
})

const REWRITE = { ...REGEX, 'nginx.ingress.kubernetes.io/rewrite-target': '/$1' }

test('a request is explained: the rule, what the pod sees, and why not the others', () => {
  const table = tableOf([
    ingress(
      [
        ['/api/(.*)', 'api'],
        ['/(.*)', 'web'],
      ],
      { annotations: REWRITE },
    ),
    ingress([['/', 'other', 'Prefix']], { name: 'other', host: 'b.com' }),
  ])
  const { serves, others } = explainRoute(table, {
    method: 'GET',
    host: 'a.com',
    target: '/api/tours?x=1',
    headers: {},
    random: 0,
  })
  expect(serves).toMatchObject({
    backend: { service: 'api' },
    rewritten: '/tours?x=1',
    rule: { path: '/api/(.*)' },
  })
  expect(others.map(({ path, why }) => [path, why])).toEqual([
    ['/(.*)', 'it fits, but /api/(.*) comes first'],
    ['/', 'it is for b.com'],
  ])
})

test.each([
  ['no header', {}, 'web', [['Prefix version: v2', 'it wants the header version: v2']]],
  ['the header', { version: 'v2' }, 'next', [['Prefix', 'it fits, but /coffee comes first']]],
])('of two rules of one route with the same path, %s', (_what, headers, service, expected) => {
  const path = at('PathPrefix', '/coffee')
  const version = { ...path, headers: [{ name: 'version', value: 'v2' }] }
  const table = tableOf([
    ingress([['/', 'other', 'Prefix']], { host: 'b.com' }),
    route([rule(path), rule(version, 'next')]),
  ])
  const request = { method: 'GET', host: 'a.com', target: '/coffee', headers, random: 0 }
  const { serves, others } = explainRoute(table, request)
  expect(serves).toMatchObject({ backend: { service } })
  expect(others.map(({ kind, why }) => [kind, why])).toEqual([...expected, ['Prefix', 'it is for b.com']])
})

test('a count without measure makes no path without end', () => {
  for (const sample of samplePaths('/(ab{1000000000}){1000000000}'))
    expect(sample.length).toBeLessThan(10_000)
})

test.each<[string, unknown]>([
  ['tls begins with a dash alone', { tls: [null] }],
  ['the hosts of tls are no list', { tls: [{ hosts: 'a.com' }] }],
  ['there is no spec', null],
])('a table is built where %s', (_, spec) => {
  const source = ingress([])
  expect(tableOf([{ ...source, object: { ...source.object, spec } }]).hosts.size).toBe(0)
})
