import { expect, test } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import { networkProbes, probedPorts } from './network-probes.js'

const http = { httpGet: { path: '/healthz', port: 'web' }, timeoutSeconds: 2 }
const tcp = { tcpSocket: { port: 5432 } }
const ports = [{ name: 'web', containerPort: 3000 }]
const asked = { kind: 'http', port: 3000, path: '/healthz', secure: false, headers: {}, timeout: 2000 }

function pod(spec: object): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'tour' }, spec }
}

test.each([
  ['HTTP at a named port', { containers: [{ ports, readinessProbe: http }] }, [asked]],
  ['TCP', { containers: [{ readinessProbe: tcp }] }, [{ kind: 'tcp', port: 5432, timeout: 1000 }]],
  [
    'each container, and what has to be passed before',
    { containers: [{ ports, startupProbe: tcp, readinessProbe: http }, {}] },
    [{ kind: 'tcp', port: 5432, timeout: 1000 }, asked],
  ],
  [
    'a sidecar among the init containers',
    {
      initContainers: [{ restartPolicy: 'Always', readinessProbe: tcp }, { name: 'once' }],
      containers: [{}],
    },
    [{ kind: 'tcp', port: 5432, timeout: 1000 }],
  ],
  ['no probe', { containers: [{}] }, undefined],
  [
    'a command in one of them',
    { containers: [{ ports, readinessProbe: http }, { readinessProbe: { exec: { command: ['true'] } } }] },
    undefined,
  ],
  ['gRPC', { containers: [{ readinessProbe: { grpc: { port: 9000 } } }] }, undefined],
  ['a probe that nobody knows', { containers: [{ readinessProbe: { later: {} } }] }, undefined],
  ['another host', { containers: [{ readinessProbe: { httpGet: { host: 'x', port: 80 } } }] }, undefined],
  ['a port that is nowhere', { containers: [{ readinessProbe: http }] }, undefined],
  ['more than one success', { containers: [{ readinessProbe: { ...tcp, successThreshold: 2 } }] }, undefined],
  ['a gate', { readinessGates: [{ conditionType: 'x' }], containers: [{ readinessProbe: tcp }] }, undefined],
])('%s', (_, spec, expected) => {
  expect(networkProbes(pod(spec))).toEqual(expected)
})

test.each([
  [
    'HTTP at a named port, and TCP',
    { containers: [{ ports, readinessProbe: http }, { readinessProbe: tcp }] },
    [3000, 5432],
  ],
  [
    'beside a command',
    { containers: [{ ports, readinessProbe: http }, { readinessProbe: { exec: { command: ['true'] } } }] },
    [3000],
  ],
  [
    'not what is asked elsewhere',
    { containers: [{ readinessProbe: { tcpSocket: { host: 'x', port: 1 } } }] },
    undefined,
  ],
  ['not what is asked before', { containers: [{ startupProbe: tcp }] }, undefined],
  ['gRPC', { containers: [{ readinessProbe: { grpc: { port: 9000 } } }] }, [9000]],
  ['no probe', { containers: [{}] }, undefined],
])('ports that are probed: %s', (_, spec, expected) => {
  expect(probedPorts(pod(spec))).toEqual(expected)
})
