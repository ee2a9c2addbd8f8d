import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import type { LinkedImage } from './linked-image.js'
import { fastRolloutSaving, withFastRollout } from './with-fast-rollout.js'

const image: LinkedImage = {
  path: ['spec', 'template', 'spec', 'containers', 0, 'image'],
  container: 'app',
  init: false,
  image: 'web',
  service: 'web',
}
const workload = (kind: string, spec: object, container: object = {}, pod: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'web' },
  spec: {
    ...spec,
    template: {
      spec: {
        ...pod,
        containers: [
          { name: 'app', image: 'web', ...container },
          { name: 'side', readinessProbe: { periodSeconds: 20 } },
        ],
      },
    },
  },
})
const fast = (object: KubeObject) => withFastRollout(object, [image], service => service === 'web')

describe('a quick rollout', () => {
  it.each([
    [
      'readinessProbe',
      { httpGet: { port: 80 }, initialDelaySeconds: 30, periodSeconds: 5 },
      { httpGet: { port: 80 }, periodSeconds: 1, failureThreshold: 15 },
    ],
    [
      'readinessProbe',
      { httpGet: { port: 80 } },
      { httpGet: { port: 80 }, periodSeconds: 1, failureThreshold: 30 },
    ],
    ['readinessProbe', { periodSeconds: 1, failureThreshold: 2 }, { periodSeconds: 1, failureThreshold: 2 }],
    [
      'startupProbe',
      { initialDelaySeconds: 20, periodSeconds: 10, failureThreshold: 6 },
      { periodSeconds: 1, failureThreshold: 80 },
    ],
    [
      'livenessProbe',
      { initialDelaySeconds: 20, periodSeconds: 10 },
      { initialDelaySeconds: 20, periodSeconds: 10 },
    ],
  ])('%s %j becomes %j', (probe, given, expected) => {
    expect(fast(workload('Deployment', {}, { [probe]: given }))).toEqual(
      workload('Deployment', {}, { [probe]: expected }),
    )
  })

  it.each([
    ['a Deployment ends its old pod in its own time', workload('Deployment', {}), workload('Deployment', {})],
    [
      'a StatefulSet waits for the end',
      workload('StatefulSet', {}),
      workload('StatefulSet', {}, {}, { terminationGracePeriodSeconds: 2 }),
    ],
    [
      'a short end stays',
      workload('StatefulSet', {}, {}, { terminationGracePeriodSeconds: 1 }),
      workload('StatefulSet', {}, {}, { terminationGracePeriodSeconds: 1 }),
    ],
    [
      'a preStop hook keeps its time',
      workload('StatefulSet', {}, { lifecycle: { preStop: {} } }),
      workload('StatefulSet', {}, { lifecycle: { preStop: {} } }),
    ],
    [
      'minReadySeconds',
      workload('Deployment', { minReadySeconds: 20 }),
      workload('Deployment', { minReadySeconds: 0 }),
    ],
    [
      'a port of the node',
      workload('Deployment', {}, { ports: [{ hostPort: 80 }] }),
      workload(
        'Deployment',
        { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } },
        { ports: [{ hostPort: 80 }] },
      ),
    ],
    [
      'a strategy of its own',
      workload('Deployment', { strategy: { type: 'Recreate' } }, { ports: [{ hostPort: 80 }] }),
      workload(
        'Deployment',
        { strategy: { type: 'Recreate' } },
        { ports: [{ hostPort: 80 }] },
        { terminationGracePeriodSeconds: 2 },
      ),
    ],
  ])('%s', (_, given, expected) => {
    expect(fast(given)).toEqual(expected)
  })

  it('leaves workloads of other services as they are', () => {
    const object = workload('StatefulSet', { minReadySeconds: 5 }, { readinessProbe: {} })
    expect(withFastRollout(object, [image], () => false)).toBe(object)
    expect(withFastRollout(object, [{ ...image, service: 'other' }], name => name === 'web')).toBe(object)
  })

  it.each([
    ['what is quick already', workload('Deployment', {}, { readinessProbe: { periodSeconds: 1 } }), 5000, 0],
    [
      'an initial delay',
      workload('Deployment', {}, { readinessProbe: { initialDelaySeconds: 30, periodSeconds: 1 } }),
      33_000,
      30_000,
    ],
    ['half a period', workload('Deployment', {}, { readinessProbe: {} }), 9000, 4500],
    ['no more than was measured', workload('Deployment', {}, { readinessProbe: {} }), 2500, 1500],
    ['an end that was waited for', workload('StatefulSet', {}), 32_000, 28_000],
    ['an end that was not', workload('StatefulSet', {}), 3000, 0],
  ])('would save: %s', (_, object, rollout, saving) => {
    expect(fastRolloutSaving(object, ['app'], rollout)).toBe(saving)
  })

  it('would save nothing more once it is on', () => {
    const object = workload(
      'StatefulSet',
      { minReadySeconds: 9 },
      { readinessProbe: {}, startupProbe: { initialDelaySeconds: 9 } },
    )
    expect(fastRolloutSaving(fast(object), ['app'], 60_000)).toBe(0)
  })
})
