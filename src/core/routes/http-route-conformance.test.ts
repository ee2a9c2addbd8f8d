import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import { buildRouteTable } from './build-table.js'
import { matchRoute } from './match.js'

/** The Gateway API's conformance cases that are about more than one dimension of a rule, restated; the others are in match-http-route.test.ts. */

const object = (kind: string, name: string, spec: object): KubeObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind,
  metadata: { name, namespace: 'infra' },
  spec,
})
const gateway = (...hostnames: readonly string[]) =>
  object('Gateway', 'gw', {
    listeners: hostnames.map(hostname => ({
      ...{ name: hostname.replace('*', 'any') || 'open', protocol: 'HTTP', port: 80 },
      ...(hostname === '' ? {} : { hostname }),
    })),
  })
const route = (
  name: string,
  rules: readonly object[],
  { hostnames = [], listener }: { readonly hostnames?: readonly string[]; readonly listener?: string } = {},
) =>
  object('HTTPRoute', name, {
    parentRefs: [{ name: 'gw', ...(listener === undefined ? {} : { sectionName: listener }) }],
    ...{ hostnames, rules },
  })
const to = (name: string, ...matches: readonly object[]) => ({
  ...(matches.length === 0 ? {} : { matches }),
  backendRefs: [{ name, port: 80 }],
})
const path = (value: string) => ({ path: { type: 'PathPrefix', value } })
const version = (value: string) => ({ headers: [{ name: 'version', value }] })
const query = (...pairs: readonly (readonly [string, string])[]) => ({
  queryParams: pairs.map(([name, value]) => ({ name, value })),
})
const redirect = (at: string, type: string, value: string, more: object = {}) => ({
  matches: [path(at)],
  filters: [
    {
      type: 'RequestRedirect',
      requestRedirect: {
        path: { type, [type === 'ReplaceFullPath' ? 'replaceFullPath' : 'replacePrefixMatch']: value },
        ...more,
      },
    },
  ],
})

/** A request as `[header version] host/path`. */
function ask(objects: readonly KubeObject[], asked: string): string {
  const [, head, host = '', target = ''] = /^(?:\[(\w+)\] )?([^/]+)(\/.*)$/.exec(asked) ?? []
  const table = buildRouteTable({
    objects: objects.map(one => ({ object: one })),
    ...{ named: new Map(), hosts: ['a.com', 'b.net'] },
  })
  const headers: Record<string, string> = head === undefined ? {} : { version: head }
  const found = matchRoute(table, { method: 'GET', host, target, headers, random: 0 })
  if (found.type === 'proxy') return found.backend.service
  if (found.type !== 'answer') return '404'
  return [found.status, ...found.headers.map(([, value]) => value)].join(' ')
}

const NARROWER = ['*.x.com', '*.foo.x.com', 'abc.foo.x.com']

describe.each<[string, readonly KubeObject[], Readonly<Record<string, string>>]>([
  [
    'httproute-query-param-matching',
    [
      gateway(''),
      route('r', [
        to('whale', query(['animal', 'whale'])),
        to('dolphin', query(['animal', 'dolphin'])),
        to('both', query(['animal', 'dolphin'], ['color', 'blue']), query(['ANIMAL', 'Whale'])),
        to('path', { ...path('/path1'), ...query(['animal', 'whale']) }),
        to('header', { ...version('one'), ...query(['animal', 'whale']) }),
        to('all', { ...path('/path2'), ...version('two'), ...query(['animal', 'whale']) }),
      ]),
    ],
    {
      'a.com/?animal=whale': 'whale',
      'a.com/?animal=dolphin': 'dolphin',
      'a.com/?animal=dolphin&color=blue': 'both',
      'a.com/?color=blue&animal=dolphin': 'both',
      'a.com/?ANIMAL=Whale': 'both',
      'a.com/?animal=whale&other=1': 'whale',
      'a.com/?animal=dolphin&color=yellow': 'dolphin',
      'a.com/?color=blue': '404',
      'a.com/?animal=whaledolphin': '404',
      'a.com/': '404',
      'a.com/path1?animal=whale': 'path',
      '[one] a.com/?animal=whale': 'header',
      '[two] a.com/path2?animal=whale': 'all',
    },
  ],
  [
    'precedence: a path before a header, a header before a query',
    [
      gateway(''),
      route('r', [
        to('query', query(['animal', 'hydra'])),
        to('header', version('four')),
        to('path', path('/path5')),
      ]),
    ],
    {
      'a.com/path5?animal=hydra': 'path',
      '[four] a.com/path5': 'path',
      '[four] a.com/?animal=hydra': 'header',
      'a.com/?animal=hydra': 'query',
    },
  ],
  [
    'httproute-matching-across-routes',
    [
      gateway(''),
      route('part1', [to('one', path('/'), version('one'))], { hostnames: ['a.com', 'b.net'] }),
      route('part2', [to('two', path('/v2'), version('two'))], { hostnames: ['a.com'] }),
    ],
    {
      'a.com/': 'one',
      'a.com/example': 'one',
      'b.net/example': 'one',
      '[one] a.com/example': 'one',
      'a.com/v2': 'two',
      'b.net/v2': 'one',
      'a.com/v2/example': 'two',
      '[two] a.com/': 'two',
      '[two] b.net/': 'one',
    },
  ],
  [
    'gateway-http-listener-isolation-with-hostname-intersection',
    [
      gateway('', ...NARROWER),
      ...['', ...NARROWER].map((hostname, at) =>
        route(`r${at}`, [to(`l${at}`, path(`/l${at}`))], {
          hostnames: ['bar.com', ...NARROWER],
          listener: hostname.replace('*', 'any') || 'open',
        }),
      ),
    ],
    {
      'bar.com/l0': 'l0',
      'bar.com/l1': '404',
      'bar.x.com/l0': '404',
      'bar.x.com/l1': 'l1',
      'bar.x.com/l2': '404',
      'bar.foo.x.com/l1': '404',
      'bar.foo.x.com/l2': 'l2',
      'bar.foo.x.com/l3': '404',
      'abc.foo.x.com/l2': '404',
      'abc.foo.x.com/l3': 'l3',
    },
  ],
  [
    'httproute-redirect-path',
    [
      gateway(''),
      route('r', [
        redirect('/original-prefix', 'ReplacePrefixMatch', '/replaced'),
        redirect('/full', 'ReplaceFullPath', '/whole'),
        redirect('/path-and-host', 'ReplacePrefixMatch', '/replaced', { hostname: 'example.org' }),
        redirect('/path-and-status', 'ReplacePrefixMatch', '/replaced', { statusCode: 301 }),
        redirect('/full-and-host', 'ReplaceFullPath', '/whole', { hostname: 'example.org' }),
        redirect('/full-and-status', 'ReplaceFullPath', '/whole', { statusCode: 301 }),
      ]),
    ],
    {
      'a.com/original-prefix/lemon': '302 http://a.com/replaced/lemon',
      'a.com/full/path/original': '302 http://a.com/whole',
      'a.com/path-and-host': '302 http://example.org/replaced',
      'a.com/path-and-status': '301 http://a.com/replaced',
      'a.com/full-and-host': '302 http://example.org/whole',
      'a.com/full-and-status': '301 http://a.com/whole',
    },
  ],
  [
    'httproute-all-backends-weight-zero',
    [
      gateway(''),
      route('r', [
        {
          backendRefs: [
            { name: 'a', port: 80, weight: 0 },
            { name: 'b', port: 80, weight: 0 },
          ],
        },
      ]),
    ],
    { 'a.com/': '500' },
  ],
])('%s', (_, objects, requests) => {
  test.each(Object.entries(requests))('%s → %s', (asked, expected) => {
    expect(ask(objects, asked)).toBe(expected)
  })
})
