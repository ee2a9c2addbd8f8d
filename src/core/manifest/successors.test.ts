import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import { removedKind } from './removed-kinds.js'
import { inSuccessor, modernise, successorOf } from './successors.js'

const object = (apiVersion: string, kind: string, rest: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'x' },
  ...rest,
})

describe('an object in an old version', () => {
  const pods = { metadata: { labels: { app: 'web' } }, spec: { containers: [] } }
  const cases: readonly (readonly [string, KubeObject, object | undefined])[] = [
    [
      'a binding as it is',
      object('rbac.authorization.k8s.io/v1beta1', 'ClusterRoleBinding', {
        subjects: [{ kind: 'ServiceAccount', name: 'a' }],
      }),
      { apiVersion: 'rbac.authorization.k8s.io/v1', subjects: [{ kind: 'ServiceAccount', name: 'a' }] },
    ],
    [
      'the subjects of an alpha binding',
      object('rbac.authorization.k8s.io/v1alpha1', 'RoleBinding', {
        subjects: [
          { kind: 'User', apiVersion: 'rbac.authorization.k8s.io/v1alpha1', name: '*' },
          { kind: 'ServiceAccount', apiVersion: 'v1', name: 'a', namespace: 'b' },
        ],
      }),
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        subjects: [
          { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:authenticated' },
          { kind: 'ServiceAccount', name: 'a', namespace: 'b' },
        ],
      },
    ],
    [
      'an Ingress with ports by number and by name, and a default backend',
      object('extensions/v1beta1', 'Ingress', {
        spec: {
          backend: { serviceName: 'fallback', servicePort: '80' },
          tls: [{ hosts: ['a.test'] }],
          rules: [
            {
              host: 'a.test',
              http: {
                paths: [
                  { path: '/', backend: { serviceName: 'web', servicePort: 80 } },
                  { path: '/x', pathType: 'Prefix', backend: { serviceName: 'web', servicePort: 'http' } },
                ],
              },
            },
            { host: 'b.test' },
          ],
        },
      }),
      {
        apiVersion: 'networking.k8s.io/v1',
        spec: {
          defaultBackend: { service: { name: 'fallback', port: { number: 80 } } },
          tls: [{ hosts: ['a.test'] }],
          rules: [
            {
              host: 'a.test',
              http: {
                paths: [
                  {
                    path: '/',
                    pathType: 'ImplementationSpecific',
                    backend: { service: { name: 'web', port: { number: 80 } } },
                  },
                  {
                    path: '/x',
                    pathType: 'Prefix',
                    backend: { service: { name: 'web', port: { name: 'http' } } },
                  },
                ],
              },
            },
            { host: 'b.test' },
          ],
        },
      },
    ],
    [
      'the selector that a Deployment had by default',
      object('extensions/v1beta1', 'Deployment', { spec: { rollbackTo: { revision: 1 }, template: pods } }),
      { apiVersion: 'apps/v1', spec: { template: pods, selector: { matchLabels: { app: 'web' } } } },
    ],
    [
      'a selector that is there',
      object('apps/v1beta2', 'StatefulSet', {
        spec: { template: pods, selector: { matchLabels: { app: 'web' } }, serviceName: 'db' },
      }),
      {
        apiVersion: 'apps/v1',
        spec: { template: pods, selector: { matchLabels: { app: 'web' } }, serviceName: 'db' },
      },
    ],
    [
      'the workload of an autoscaler',
      object('autoscaling/v2beta2', 'HorizontalPodAutoscaler', {
        spec: { scaleTargetRef: { apiVersion: 'extensions/v1beta1', kind: 'Deployment', name: 'web' } },
      }),
      {
        apiVersion: 'autoscaling/v2',
        spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
      },
    ],
    [
      'the metrics of an autoscaler',
      object('autoscaling/v2beta1', 'HorizontalPodAutoscaler', {
        spec: {
          minReplicas: 1,
          metrics: [
            { type: 'Resource', resource: { name: 'cpu', targetAverageUtilization: 50 } },
            { type: 'Resource', resource: { name: 'memory', targetAverageValue: '1Gi' } },
            { type: 'Pods', pods: { metricName: 'rps', targetAverageValue: '10' } },
            {
              type: 'Object',
              object: { target: { kind: 'Ingress', name: 'x' }, metricName: 'rps', targetValue: '2k' },
            },
            {
              type: 'External',
              external: {
                metricName: 'q',
                metricSelector: { matchLabels: { a: 'b' } },
                targetAverageValue: '3',
              },
            },
          ],
        },
      }),
      {
        apiVersion: 'autoscaling/v2',
        spec: {
          minReplicas: 1,
          metrics: [
            {
              type: 'Resource',
              resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
            },
            {
              type: 'Resource',
              resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } },
            },
            {
              type: 'Pods',
              pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '10' } },
            },
            {
              type: 'Object',
              object: {
                describedObject: { kind: 'Ingress', name: 'x' },
                metric: { name: 'rps' },
                target: { type: 'Value', value: '2k' },
              },
            },
            {
              type: 'External',
              external: {
                metric: { name: 'q', selector: { matchLabels: { a: 'b' } } },
                target: { type: 'AverageValue', averageValue: '3' },
              },
            },
          ],
        },
      },
    ],
    [
      'a budget whose empty selector selected nothing',
      object('policy/v1beta1', 'PodDisruptionBudget', { spec: { minAvailable: 1, selector: {} } }),
      { apiVersion: 'policy/v1', spec: { minAvailable: 1 } },
    ],
    ['a CronJob as it is', object('batch/v1beta1', 'CronJob'), { apiVersion: 'batch/v1' }],
    [
      'webhooks with what they had by default',
      object('admissionregistration.k8s.io/v1beta1', 'ValidatingWebhookConfiguration', {
        webhooks: [{ name: 'a', sideEffects: 'None', timeoutSeconds: 5 }],
      }),
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        webhooks: [
          {
            name: 'a',
            sideEffects: 'None',
            timeoutSeconds: 5,
            failurePolicy: 'Ignore',
            matchPolicy: 'Exact',
            admissionReviewVersions: ['v1beta1'],
          },
        ],
      },
    ],
    [
      'webhooks that v1 refuses',
      object('admissionregistration.k8s.io/v1beta1', 'ValidatingWebhookConfiguration', {
        webhooks: [{ name: 'a' }],
      }),
      undefined,
    ],
    [
      'the node of an endpoint',
      object('discovery.k8s.io/v1beta1', 'EndpointSlice', {
        endpoints: [{ addresses: ['10.0.0.1'], topology: { 'kubernetes.io/hostname': 'n' } }],
      }),
      { apiVersion: 'discovery.k8s.io/v1', endpoints: [{ nodeName: 'n', addresses: ['10.0.0.1'] }] },
    ],
    ['a present version', object('apps/v1', 'Deployment'), undefined],
    ['a kind without successor', object('policy/v1beta1', 'PodSecurityPolicy'), undefined],
  ]
  test.each(cases)('%s', (_, old, expected) => {
    const { kind, metadata } = old
    expect(inSuccessor(old)).toEqual(expected === undefined ? undefined : { kind, metadata, ...expected })
  })
})

describe('what is converted', () => {
  const source = { file: '/p/rbac.yaml', line: 7, column: 1, endLine: 7, endColumn: 2 }
  const binding = { object: object('rbac.authorization.k8s.io/v1beta1', 'ClusterRoleBinding'), source }
  const old = 'rbac.authorization.k8s.io/v1beta1/ClusterRoleBinding'
  const now = 'rbac.authorization.k8s.io/v1/ClusterRoleBinding'

  test.each([
    ['the cluster has the successor alone', [now], 'rbac.authorization.k8s.io/v1'],
    ['the cluster still has the old version', [old, now], 'rbac.authorization.k8s.io/v1beta1'],
    ['the cluster has neither', [], 'rbac.authorization.k8s.io/v1beta1'],
  ])('%s', (_, served, apiVersion) => {
    const { objects, diagnostics } = modernise([binding], kind => served.includes(kind))
    expect(objects.map(({ object: { apiVersion: version } }) => version)).toEqual([apiVersion])
    const isConverted = apiVersion !== binding.object.apiVersion
    expect(diagnostics.map(({ range }) => range)).toEqual(isConverted ? [source] : [])
  })

  test('no kind has both a successor and a remedy, but for webhooks that may not be convertible', () => {
    const psp = { apiVersion: 'policy/v1beta1', kind: 'PodSecurityPolicy' }
    expect(successorOf(psp)).toBeUndefined()
    expect(removedKind(psp)?.removedIn).toBe('1.25')
  })
})
