import { expect, test } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import type { ObservedContainer, ObservedPod } from '../rollout-observation.js'
import type { State } from '../state.js'
import { podsBehind } from './pods-behind.js'

const service: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'tour', namespace: 'shop' },
  spec: { selector: { app: 'tour' }, ports: [{ name: 'web', port: 80, targetPort: 3000 }] },
}

const container = (state: ObservedContainer['state']): ObservedContainer => ({
  name: 'tour',
  image: 'tour',
  init: false,
  sidecar: false,
  ready: state.kind === 'running',
  started: true,
  restarts: 2,
  state,
})

const pod = (name: string, more: Partial<ObservedPod> = {}): ObservedPod => ({
  uid: name,
  namespace: 'shop',
  name,
  phase: 'Running',
  createdAt: '2026-01-01T00:00:00Z',
  ready: true,
  deleting: false,
  labels: { app: 'tour' },
  containers: [],
  ...more,
})

function stateOf(...pods: readonly ObservedPod[]): State {
  const observed = { pods: Object.fromEntries(pods.map(one => [one.uid, one])), workloads: {} }
  return { observed, objects: {} } as unknown as State
}

const backend = { namespace: 'shop', service: 'tour', port: 80 }
const crashing = [container({ kind: 'waiting', reason: 'CrashLoopBackOff', message: '' })]

test.each([
  ['ready pods in the order of their names', [pod('b'), pod('a')], ['a:3000', 'b:3000'], false],
  ['a pod that ends takes nothing', [pod('a', { deleting: true }), pod('b')], ['b:3000'], false],
  ['a pod that starts will come', [pod('a', { ready: false })], [], true],
  ['a pod that crashes will not', [pod('a', { ready: false, containers: crashing })], [], false],
  ['others than the selected', [pod('a', { labels: { app: 'x' } }), pod('b', { namespace: 'y' })], [], false],
])('%s', (_, pods, ready, coming) => {
  const found = podsBehind(stateOf(...pods), backend, service)
  expect(found.ready.map(one => `${one.pod}:${one.port}`)).toEqual(ready)
  if (ready.length === 0) expect(found.coming).toBe(coming)
})

test('why there is none', () => {
  expect(podsBehind(stateOf(), backend, undefined).notes).toEqual([
    'There is no service/tour in the namespace shop.',
  ])
  expect(podsBehind(stateOf(), { ...backend, port: 81 }, service).notes).toEqual([
    'service/tour has no port 81.',
  ])
  expect(podsBehind(stateOf(), backend, service).notes).toEqual(['service/tour selects no pod.'])
  expect(
    podsBehind(stateOf(pod('a', { ready: false, containers: crashing })), backend, service).notes,
  ).toEqual(['a: CrashLoopBackOff'])
})

test('a port by its name', () => {
  expect(podsBehind(stateOf(pod('a')), { ...backend, port: 'web' }, service).ready).toHaveLength(1)
})

test('a pod says which of its ports has a name, whoever made it', () => {
  const named = { ...service, spec: { selector: { app: 'tour' }, ports: [{ port: 80, targetPort: 'http' }] } }
  const pods = [pod('a', { ports: { http: 8080 } }), pod('b', { ports: { http: 9090 } }), pod('c')]
  expect(podsBehind(stateOf(...pods), backend, named).ready.map(({ port }) => port)).toEqual([8080, 9090])
})
