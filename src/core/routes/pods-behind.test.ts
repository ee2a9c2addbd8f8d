import { expect, test } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import type { Switch } from '../overrides/switch.js'
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
  const observed = {
    pods: Object.fromEntries(pods.map(one => [one.uid, one])),
    workloads: {},
    replicaSets: Object.fromEntries(
      [1, 2].map(revision => [`rs-${revision}`, { uid: `rs-${revision}`, ownerUid: 'tour', revision }]),
    ),
  }
  return { observed, objects: {} } as unknown as State
}

const backend = { namespace: 'shop', service: 'tour', port: 80 }
const crashing = [container({ kind: 'waiting', reason: 'CrashLoopBackOff', message: '' })]

test.each([
  ['ready pods in the order of their names', [pod('b'), pod('a')], ['a:3000', 'b:3000'], false],
  ['a pod that ends takes nothing', [pod('a', { deleting: true }), pod('b')], ['b:3000'], false],
  ['a pod that passes its probes', [pod('a', { ready: false, answers: true })], ['a:3000'], true],
  ['a pod that starts will come', [pod('a', { ready: false })], [], true],
  ['a pod that crashes will not', [pod('a', { ready: false, containers: crashing })], [], false],
  ['others than the selected', [pod('a', { labels: { app: 'x' } }), pod('b', { namespace: 'y' })], [], false],
])('%s', (_, pods, ready, coming) => {
  const found = podsBehind(stateOf(...pods), backend, service)
  expect(found.ready.map(one => `${one.pod}:${one.port}`)).toEqual(ready)
  expect(found.coming).toBe(coming)
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

const ofSet = (revision: number, more: Partial<ObservedPod> = {}): Partial<ObservedPod> => ({
  owner: { kind: 'ReplicaSet', name: `tour-${revision}`, uid: `rs-${revision}` },
  ...more,
})

test.each([
  ['once one of a later revision is ready', ofSet(2), ['old']],
  ['not before', ofSet(2, { ready: false }), []],
  ['or passes its probes', ofSet(2, { ready: false, answers: true }), ['old']],
  ['not for one that ends', ofSet(2, { deleting: true }), []],
  ['not for one of the same revision', ofSet(1), []],
])('a pod goes out %s', (_, other, outgoing) => {
  const found = podsBehind(stateOf(pod('old', ofSet(1)), pod('other', other)), backend, service)
  expect(found.ready.filter(one => one.outgoing).map(one => one.pod)).toEqual(outgoing)
})

test('a pod that has to answer at a port to be ready listens there', () => {
  const early = { ready: false, answers: true, probedPorts: [3000] }
  const pods = [
    pod('a', { probedPorts: [8080, 3000] }),
    pod('b', { probedPorts: [8080] }),
    pod('c'),
    pod('d', early),
  ]
  expect(podsBehind(stateOf(...pods), backend, service).ready.map(one => one.listens)).toEqual([
    true,
    false,
    false,
    false,
  ])
})

test('no pod of a paused Deployment goes out', () => {
  const state = stateOf(pod('old', ofSet(1)), pod('new', ofSet(2)))
  Object.assign(state.observed, { workloads: { tour: { uid: 'tour', paused: true } } })
  expect(podsBehind(state, backend, service).ready.map(one => one.outgoing)).toEqual([false, false])
})

test('processes that a sync starts anew are others while it is under way, and again when it is over', () => {
  const key = 'apps/Deployment/shop/tour'
  const base = stateOf(pod('a', ofSet(1)))
  const withSync = (sync: object | undefined) => {
    Object.assign(base.observed, { workloads: { [key]: { key, uid: 'tour' } } })
    const state = {
      ...base,
      objects: { [key]: { linked: { services: ['tour'] } } },
      services: { tour: { sync } },
    }
    return podsBehind(state as unknown as State, backend, service).ready[0]
  }
  const found = [
    undefined,
    { running: { run: 7, restart: true }, restarted: 7 },
    { restarted: 7 },
    { running: { run: 9, restart: true }, restarted: 9 },
    { restarted: 9 },
  ].map(withSync)
  expect(new Set(found.map(one => one?.processes)).size).toBe(found.length)
  expect(found.map(one => one?.restarting)).toEqual([false, true, false, true, false])
  // One that starts nothing anew changes nothing for requests.
  expect(withSync({ running: { run: 11, restart: false }, restarted: 9 })).toEqual(found.at(-1))
  expect(withSync({ running: { run: 11, restart: false } })).toEqual(found[0])
})

test.each([
  ['before the target is ready', 'raising', undefined, 'a:3000'],
  ['back to a version that is not ready yet', 'raising', { app: 'tour', version: 'green' }, 'b:3000'],
  ['while the selector is applied', 'moving', undefined, 'b:3000'],
  ['afterwards', 'done', undefined, 'b:3000'],
] as const)('a switched Service leads where it was switched to: %s', (_, stage, from, ready) => {
  const blue = { app: 'tour', version: 'blue' }
  const green = { app: 'tour', version: 'green' }
  const one: Switch = {
    service: '/Service/shop/tour',
    version: 'green',
    selector: green,
    from,
    target: 'apps/Deployment/shop/green',
    replicas: 1,
    lowered: [],
    others: ['apps/Deployment/shop/blue'],
    stage,
  }
  const pods = [pod('a', { labels: blue }), pod('b', { labels: green })]
  const switched = { ...service, spec: { ...(service.spec as object), selector: blue } }
  const state: State = { ...stateOf(...pods), switches: { [one.service]: one } }
  const found = podsBehind(state, backend, switched)
  expect(found.ready.map(({ pod, port }) => `${pod}:${port}`)).toEqual([ready])
})
