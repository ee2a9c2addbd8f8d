import { expect, test } from 'vitest'
import { buildRouteTable } from './build-table.js'
import { matchRoute } from './match.js'
import type { RouteSource } from './route-table.js'
import { toGateway } from './to-gateway.js'

function ingress(
  paths: readonly (readonly [string, string, string])[],
  annotations: Readonly<Record<string, string>> = {},
  name = 'shop',
): RouteSource {
  return {
    place: `${name}.yaml:1`,
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
        rules: [
          {
            host: 'a.com',
            http: {
              paths: paths.map(([path, pathType, service]) => ({
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

const build = (objects: readonly RouteSource[]) => buildRouteTable({ objects, named: new Map(), hosts: [] })
const convert = (objects: readonly RouteSource[]) => toGateway(build(objects), objects)

test.each(['/', '/api', '/api/tours?x=1', '/apix', '/exact', '/exact/below', '/old'])(
  '%s is served by the HTTPRoutes as by the Ingresses',
  target => {
    const sources = [
      ingress([
        ['/', 'Prefix', 'web'],
        ['/api', 'Prefix', 'api'],
        ['/exact', 'Exact', 'exact'],
      ]),
      ingress([['/old', 'Prefix', 'web']], { 'permanent-redirect': 'https://new.example/there' }, 'old'),
    ]
    const routes = convert(sources).objects.map((object): RouteSource => ({ object }))
    const request = { method: 'GET', host: 'a.com', target, headers: {}, random: 0 }
    const essence = (table: ReturnType<typeof build>) => {
      const decision = matchRoute(table, request)
      if (decision.type === 'proxy') return [decision.backend, decision.target]
      return decision.type === 'answer' ? [decision.status, decision.headers] : decision.type
    }
    expect(essence(build(routes))).toEqual(essence(build(sources)))
  },
)

test.each<[Readonly<Record<string, string>>, string]>([
  [{ 'use-regex': 'true' }, 'tried by their length'],
  [{ 'use-regex': 'true', 'rewrite-target': '/$1' }, 'rewrite-target /$1 takes groups'],
  [{ affinity: 'cookie' }, 'INGRESSCOOKIE'],
  [{ 'proxy-read-timeout': '300' }, 'between two reads'],
  [{ 'auth-url': 'http://login/' }, 'ingress/shop in shop.yaml:1: auth-url has no equal'],
  [{ 'configuration-snippet': 'return 200;' }, 'configuration-snippet has no equal'],
  [{ 'force-ssl-redirect': 'true' }, 'RequestRedirect to https'],
  [{ 'from-to-www-redirect': 'true' }, 'from-to-www-redirect is not written'],
  [{ 'backend-protocol': 'HTTPS' }, 'BackendTLSPolicy'],
])('%o has no equal', (annotations, words) => {
  const { unequal } = convert([ingress([['/x', 'ImplementationSpecific', 'web']], annotations)])
  expect(unequal.join('\n')).toContain(words)
})

test('what changes nothing is not named, and another name of a host has a route of its own', () => {
  const { objects, unequal } = convert([
    ingress([['/', 'Prefix', 'web']], {
      'server-alias': 'b.com',
      'proxy-buffering': 'off',
      'ssl-redirect': 'false',
    }),
  ])
  expect(unequal).toEqual([expect.stringContaining('gatewayClassName')])
  expect(objects.slice(1).map(({ spec }) => (spec as { hostnames: unknown }).hostnames)).toEqual([
    ['a.com'],
    ['b.com'],
  ])
})

test('a canary by weight and header', () => {
  const { objects } = convert([
    ingress([['/', 'Prefix', 'web']]),
    ingress(
      [['/', 'Prefix', 'next']],
      {
        canary: 'true',
        'canary-weight': '20',
        'canary-by-header': 'X-Next',
        'canary-by-header-value': 'yes',
      },
      'canary',
    ),
  ])
  expect(objects[1]).toMatchObject({
    kind: 'HTTPRoute',
    spec: {
      rules: [
        { matches: [{ headers: [{ name: 'x-next', value: 'yes' }] }], backendRefs: [{ name: 'next' }] },
        {
          backendRefs: [
            { name: 'web', weight: 80 },
            { name: 'next', weight: 20 },
          ],
        },
      ],
    },
  })
})
