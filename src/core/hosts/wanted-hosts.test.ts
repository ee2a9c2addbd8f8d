import { expect, test } from 'vitest'
import type { ManifestObject } from '../kube-object.js'
import { wantedHosts } from './wanted-hosts.js'

const project = { hosts: ['tour.xyz', 'admin.tour.xyz'], root: '/shop', configFile: '/shop/dev.config.yaml' }

function at(line: number, apiVersion: string, kind: string, spec: unknown, name = 'tour'): ManifestObject {
  return {
    object: { apiVersion, kind, metadata: { name, namespace: 'shop' }, spec },
    source: { file: '/shop/k8s/all.yaml', line, column: 1, endLine: line, endColumn: 2 },
  }
}

const INGRESS = 'networking.k8s.io/v1'
const GATEWAY = 'gateway.networking.k8s.io/v1'

test('every place that names a host, each host once, with all who want it', () => {
  const found = wantedHosts(
    [
      at(1, INGRESS, 'Ingress', {
        rules: [{ host: 'Tour.xyz' }, { http: {} }, { host: '*.tour.xyz' }],
        tls: [{ hosts: ['tour.xyz', 'tls.tour.xyz'] }],
      }),
      at(20, GATEWAY, 'HTTPRoute', { hostnames: ['api.tour.xyz', 'tour.xyz'] }, 'api'),
      at(30, GATEWAY, 'GRPCRoute', { hostnames: ['grpc.localhost'] }, 'grpc'),
      at(40, GATEWAY, 'Gateway', { listeners: [{ hostname: 'gw.tour.xyz' }, { name: 'open' }] }, 'gw'),
      at(50, 'v1', 'Service', { rules: [{ host: 'no.xyz' }] }),
      at(60, 'networking.istio.io/v1', 'Gateway', { listeners: [{ hostname: 'no.xyz' }] }),
    ],
    project,
  )
  expect(found.map(({ name, kind, wantedBy }) => [name, kind, ...wantedBy])).toEqual([
    [
      'tour.xyz',
      'plain',
      'hosts in dev.config.yaml',
      'ingress/tour in k8s/all.yaml:1',
      'httproute/api in k8s/all.yaml:20',
    ],
    ['admin.tour.xyz', 'plain', 'hosts in dev.config.yaml'],
    ['*.tour.xyz', 'wildcard', 'ingress/tour in k8s/all.yaml:1'],
    ['tls.tour.xyz', 'plain', 'ingress/tour in k8s/all.yaml:1'],
    ['api.tour.xyz', 'plain', 'httproute/api in k8s/all.yaml:20'],
    ['grpc.localhost', 'local', 'grpcroute/grpc in k8s/all.yaml:30'],
    ['gw.tour.xyz', 'plain', 'gateway/gw in k8s/all.yaml:40'],
  ])
  expect(found[0]?.objects.map(({ kind }) => kind)).toEqual(['Ingress', 'HTTPRoute'])
})

test.each([
  [undefined],
  ['text'],
  [{ rules: 'x', tls: [{ hosts: [1, null] }] }],
  [{ rules: [null, { host: 3 }] }],
])('a spec that is no such thing (%j) wants nothing', spec => {
  expect(wantedHosts([at(1, INGRESS, 'Ingress', spec)], { ...project, hosts: [] })).toEqual([])
})
