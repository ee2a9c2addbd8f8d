import { expect, test } from 'vitest'
import type { Announcement } from '../core/announcement.js'
import type { KubeObject } from '../core/kube-object.js'
import type { LinkedObject } from '../core/manifest/link.js'
import type { GatewayFailed } from '../core/problem.js'
import { err, ok, type Result } from '../core/result.js'
import type { GatewayView, OpenGateway } from '../ports/gateway.js'
import { createFakeClock } from '../testing/fake-clock.js'
import { connected, linkedObject, projectOf, rendered, session } from '../testing/states.js'
import { watchGateway } from './gateway.js'
import { createStore } from './store.js'

const ingress = (host: string, service = 'tour'): LinkedObject => {
  const linked = linkedObject('Ingress', 'tour', { apiVersion: 'networking.k8s.io/v1' })
  const path = {
    path: '/',
    pathType: 'Prefix',
    backend: { service: { name: service, port: { number: 80 } } },
  }
  return {
    ...linked,
    object: {
      ...linked.object,
      metadata: { ...linked.object.metadata, annotations: { 'nginx.ingress.kubernetes.io/odd': '1' } },
      spec: { rules: [{ host, http: { paths: [path] } }] },
    },
  }
}

interface Opened {
  readonly port: number
  view: GatewayView
  isClosed: boolean
}

function start(
  gateway: { readonly mode: 'auto' | 'on' | 'off'; readonly port: number },
  { taken }: { readonly taken?: number } = {},
) {
  const clock = createFakeClock()
  const takenPorts = new Set([taken])
  const told: Announcement[] = []
  const tell = (announcement: Announcement) => told.push(announcement)
  const store = createStore({
    initial: session(projectOf([], { gateway })).start().state,
    now: () => 1,
    tell,
  })
  const opened: Opened[] = []
  const asked: string[] = []
  const tracked = new Map<string, (objects: readonly KubeObject[]) => void>()
  const watch = watchGateway(store, {
    gateway: {
      open: async ({ port, view }): Promise<Result<OpenGateway, GatewayFailed>> => {
        if (takenPorts.has(port))
          return err({
            kind: 'gateway-failed',
            port,
            reason: 'taken',
            message: 'EADDRINUSE',
            owner: { pid: 7, program: 'tomcat' },
          })
        const one: Opened = { port: port === 0 ? 4711 : port, view, isClosed: false }
        opened.push(one)
        return ok({
          port: one.port,
          update: next => {
            one.view = next
          },
          close: async () => {
            one.isClosed = true
          },
        })
      },
    },
    forward: { open: async () => err({ kind: 'forward-refused', message: '' }) },
    onLive: () => {},
    cluster: {
      get: async ({ name }): Promise<Result<KubeObject | undefined>> => {
        asked.push(name)
        return ok(undefined)
      },
      discover: async () =>
        ok(
          [
            ['v1', 'Service', 'services'],
            ['networking.k8s.io/v1', 'Ingress', 'ingresses'],
            ['extensions/v1beta1', 'Ingress', 'ingresses'],
            ['networking.istio.io/v1', 'Gateway', 'gateways'],
          ].map(([apiVersion = '', kind = '', plural = '']) => ({
            ...{ apiVersion, kind, plural, namespaced: true, verbs: ['list', 'watch'] },
          })),
        ),
    },
    observer: {
      track: ({ apiVersion, kind }, namespace, changed) => {
        tracked.set(`${apiVersion} ${kind} ${namespace}`, changed)
      },
    },
    clock,
    tell,
  })
  store.subscribe(() => watch.refresh())
  const render = (...objects: readonly LinkedObject[]) => {
    const run = store.getState().nextRun
    store.dispatch({ type: 'render-started', run })
    const event = rendered(session(store.getState().project).state, ...objects)
    if (event.type !== 'render-finished') throw new Error(event.type)
    store.dispatch({ ...event, run })
  }
  const settled = async () => {
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate)
  }
  const connect = () => store.dispatch(connected(store.getState()))
  return { clock, takenPorts, store, watch, told, opened, asked, tracked, render, connect, settled }
}

test('it serves once there are routes and a cluster, follows the manifests, and ends with the session', async () => {
  const { watch, told, opened, asked, render, connect, settled, store } = start({ mode: 'auto', port: 8080 })
  connect()
  render()
  await settled()
  expect(opened).toEqual([])
  render(ingress('tour.xyz'))
  await settled()
  expect(opened.map(({ port }) => port)).toEqual([8080])
  const addresses = () => told.flatMap(one => (one.type === 'gateway' ? [one.addresses] : []))
  expect(addresses()).toEqual([['http://tour.xyz:8080']])
  // The Service is in no manifest: the cluster was asked, once.
  expect(asked).toEqual(['tour'])
  render(ingress('other.xyz'))
  await settled()
  expect(addresses().at(-1)).toEqual(['http://other.xyz:8080'])
  expect([...(opened[0]?.view.table.ingress.servers.keys() ?? [])]).toEqual(['other.xyz'])
  expect(asked).toEqual(['tour'])
  const notices = told.filter(one => one.type === 'notice' && one.message.includes('odd'))
  expect(notices).toHaveLength(1)
  expect(store.getState().gateway).toMatchObject({ kind: 'serving', port: 8080 })
  await watch.stop()
  expect(opened[0]?.isClosed).toBe(true)
})

test('a port that was asked for and is taken is told once, and taken up once it is free', async () => {
  const { told, opened, clock, takenPorts, render, connect, settled, store } = start(
    { mode: 'on', port: 80 },
    { taken: 80 },
  )
  connect()
  render(ingress('tour.xyz'))
  await settled()
  render(ingress('other.xyz'))
  await settled()
  expect(told.filter(({ type }) => type === 'problem')).toHaveLength(1)
  expect(store.getState().gateway).toMatchObject({ kind: 'failed', problem: { owner: { pid: 7 } } })
  clock.advance(5000)
  await settled()
  expect(told.filter(({ type }) => type === 'problem')).toHaveLength(1)
  takenPorts.delete(80)
  clock.advance(5000)
  await settled()
  expect(opened.map(({ port }) => port)).toEqual([80])
  expect(store.getState().gateway).toMatchObject({ kind: 'serving', port: 80 })
  expect(clock.pending()).toEqual([])
})

test('a port that nobody asked for gives way to another', async () => {
  const { told, opened, render, connect, settled } = start({ mode: 'auto', port: 8080 }, { taken: 8080 })
  connect()
  render(ingress('tour.xyz'))
  await settled()
  expect(opened.map(({ port }) => port)).toEqual([4711])
  expect(told).toContainEqual({
    type: 'notice',
    message: 'port 8080 is taken by tomcat (pid 7); the gateway takes another',
  })
})

test.each([
  ['off', [ingress('tour.xyz')], 0],
  ['on', [], 1],
] as const)('mode %s', async (mode, objects, count) => {
  const { opened, render, connect, settled } = start({ mode, port: 8080 })
  connect()
  render(...objects)
  await settled()
  expect(opened).toHaveLength(count)
})

const SERVICE: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'tour', namespace: 'shop', uid: 's' },
  spec: { selector: { app: 'tour' }, ports: [{ port: 80 }] },
}
const INGRESSES = 'networking.k8s.io/v1 Ingress shop'

test('routes that only the cluster has are served, and follow it', async () => {
  const { opened, asked, tracked, render, connect, settled, store, watch } = start({
    mode: 'auto',
    port: 8080,
  })
  connect()
  render(linkedObject('ConfigMap', 'settings', { apiVersion: 'v1' }))
  await settled()
  // What other groups call by the same names is not followed.
  expect([...tracked.keys()]).toEqual(['v1 Service shop', INGRESSES])
  expect(opened).toEqual([])
  tracked.get('v1 Service shop')?.([])
  const { object } = ingress('only.xyz')
  tracked.get(INGRESSES)?.([object])
  await settled()
  const server = () => opened[0]?.view.table.ingress.servers
  expect([...(server()?.keys() ?? [])]).toEqual(['only.xyz'])
  const backend = { namespace: 'shop', service: 'tour', port: 80 }
  expect(opened[0]?.view.backend(backend).notes).toEqual(['There is no service/tour in the namespace shop.'])
  tracked.get('v1 Service shop')?.([SERVICE])
  await settled()
  expect(opened[0]?.view.backend(backend).notes).toEqual(['service/tour selects no pod.'])
  // Services of a namespace that is followed are not asked for one by one.
  expect(asked).toEqual([])
  expect(store.getState().gateway).toMatchObject({ addresses: ['http://only.xyz:8080'] })
  tracked.get(INGRESSES)?.([])
  await settled()
  expect([...(server()?.keys() ?? [])]).toEqual([])
  await watch.stop()
})
