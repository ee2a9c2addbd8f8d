import { expect, test } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import { withLiveRoutes } from './live-routes.js'

const object = (
  name: string,
  metadata: Partial<KubeObject['metadata']> = {},
  version = 'v1',
): KubeObject => ({
  apiVersion: `gateway.networking.k8s.io/${version}`,
  kind: 'HTTPRoute',
  metadata: { name, namespace: 'shop', ...metadata },
})
const OLD = '2026-01-01T00:00:00Z'

test.each([
  ['one that only the cluster has', ['a'], [object('b')], ['a k8s/a.yaml:1', 'b the cluster']],
  ['one of the manifests counts as they say', ['a'], [object('a', {}, 'v1beta1')], ['a k8s/a.yaml:1']],
  [
    'one of the manifests is as old as in the cluster',
    ['a'],
    [object('a', { creationTimestamp: OLD })],
    [`a k8s/a.yaml:1 ${OLD}`],
  ],
  [
    'one of another namespace is another',
    ['a'],
    [object('a', { namespace: 'x' })],
    ['a k8s/a.yaml:1', 'a the cluster'],
  ],
  ['one that is being deleted is gone', ['a'], [object('b', { deletionTimestamp: OLD })], ['a k8s/a.yaml:1']],
])('%s', (_, own, live, expected) => {
  const sources = own.map(name => ({ object: object(name), place: `k8s/${name}.yaml:1` }))
  const found = withLiveRoutes(sources, live).map(({ object: { metadata }, place }) =>
    [metadata.name, place, metadata.creationTimestamp].filter(part => part !== undefined).join(' '),
  )
  expect(found).toEqual(expected)
})
