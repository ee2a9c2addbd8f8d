import { expect, test } from 'vitest'
import { mayBeUnmet, type Unmet, unmetLines, unmetNeed } from './unmet.js'

const object = (apiVersion: string, kind: string, rest: object) => ({
  apiVersion,
  kind,
  metadata: { name: 'x' },
  ...rest,
})
const condition = (type: string, status: string, message?: string) => ({
  status: { conditions: [{ type, status, message }] },
})
const loadBalancer = { spec: { type: 'LoadBalancer' } }

test.each([
  ['v1', 'Service', { ...loadBalancer, status: { loadBalancer: {} } }, true, 'without an address'],
  [
    'v1',
    'Service',
    { ...loadBalancer, status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } },
    true,
    undefined,
  ],
  ['v1', 'Service', { spec: { type: 'ClusterIP' } }, false, 'without an address'],
  [
    'autoscaling/v2',
    'HorizontalPodAutoscaler',
    condition('ScalingActive', 'False', 'no metrics API'),
    true,
    'no metrics API',
  ],
  ['autoscaling/v2', 'HorizontalPodAutoscaler', condition('ScalingActive', 'True'), true, undefined],
  [
    'autoscaling/v2',
    'HorizontalPodAutoscaler',
    { status: { conditions: [{ type: 'ScalingActive', status: 'False', reason: 'ScalingDisabled' }] } },
    true,
    undefined,
  ],
  ['gateway.networking.k8s.io/v1', 'Gateway', condition('Programmed', 'Unknown'), true, 'no controller'],
  ['gateway.networking.k8s.io/v1', 'Gateway', condition('Programmed', 'True'), true, undefined],
  ['apps/v1', 'Deployment', {}, false, undefined],
])('%s %s %j', (apiVersion, kind, rest, may, words) => {
  const live = object(apiVersion, kind, rest)
  expect(mayBeUnmet(live)).toBe(may)
  const need = unmetNeed(live)
  const told = need === undefined ? [] : unmetLines([need])
  expect(told).toEqual(words === undefined ? [] : [expect.stringContaining(words)])
})

test('many with the same want are one line', () => {
  const hpa = (object: string): Unmet => ({ kind: 'metrics', object, why: 'no API' })
  const needs: readonly Unmet[] = [...['a', 'b', 'c', 'd', 'e'].map(hpa), { kind: 'address', object: 's' }]
  expect(unmetLines(needs)).toEqual([
    'a, b, c and 2 more scale nothing, for they get no metrics (no API)',
    expect.stringContaining('s is a LoadBalancer without an address'),
  ])
})
