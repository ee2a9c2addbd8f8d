import { expect, test } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import type { Override } from './overrides.js'
import { withOverrides } from './with-overrides.js'

const deployment = (replicas: number | undefined): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'green', namespace: 'shop' },
  spec: { ...(replicas === undefined ? {} : { replicas }), template: {} },
})

const switched = (change: Partial<Extract<Override, { type: 'switched' }>>): Override => ({
  type: 'switched',
  service: 'service',
  version: 'green',
  selector: { version: 'green' },
  from: undefined,
  target: 'green',
  replicas: 3,
  lowered: [],
  others: ['blue'],
  stage: 'raising',
  ...change,
})

const zero: Override = { type: 'scaled-to-zero', service: 'web' }

test.each<
  [
    what: string,
    applied: number,
    declared: KubeObject | undefined,
    overrides: readonly Override[],
    replicas: unknown,
    scaledToZero: boolean,
  ]
>([
  ['as its manifest says', 0, deployment(2), [], 2, false],
  ['with no number where the manifest has none', 0, deployment(undefined), [], undefined, false],
  ['as it was where the manifest is not known', 5, undefined, [], 5, false],
  ['at zero on request', 2, deployment(2), [zero], 0, true],
  ['at zero without its manifest', 2, undefined, [zero], 0, true],
  ['at zero for another service', 2, deployment(2), [{ ...zero, service: 'api' }], 2, false],
  ['raised where its manifest has none', 0, deployment(0), [switched({})], 3, false],
  ['raised to what its manifest has', 0, deployment(1), [switched({})], 1, false],
  ['lowered', 2, deployment(2), [switched({ target: 'blue', lowered: ['green'] })], 0, true],
])('a Deployment %s', (_what, applied, declared, overrides, replicas, scaledToZero) => {
  const input = { key: 'green', object: deployment(applied), services: ['web'], declared }
  const found = withOverrides(input, overrides)
  expect([(found.object.spec as { replicas?: number }).replicas, found.scaledToZero]).toEqual([
    replicas,
    scaledToZero,
  ])
})

const service = (version: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { selector: { version } },
})

test.each<[what: string, declared: KubeObject | undefined, overrides: readonly Override[], version: string]>([
  ['leads where its manifest says', service('blue'), [], 'blue'],
  ['stays where it is without its manifest', undefined, [], 'applied'],
  ['stays while the target comes up', service('blue'), [switched({})], 'blue'],
  [
    'stays on the way back',
    service('blue'),
    [switched({ from: { version: 'green' }, selector: { version: 'blue' } })],
    'green',
  ],
  ['moves', service('blue'), [switched({ stage: 'moving' })], 'green'],
  ['stays there', service('blue'), [switched({ stage: 'done' })], 'green'],
])('a Service %s', (_what, declared, overrides, version) => {
  const input = { key: 'service', object: service('applied'), services: [], declared }
  expect(withOverrides(input, overrides)).toEqual({ object: service(version), scaledToZero: false })
})
