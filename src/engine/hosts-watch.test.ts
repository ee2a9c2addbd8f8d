import { expect, test } from 'vitest'
import type { Announcement } from '../core/announcement.js'
import { blockId, withBlock } from '../core/hosts/block.js'
import type { HostAddress } from '../core/hosts/host-address.js'
import type { KubeObject } from '../core/kube-object.js'
import type { LinkedObject } from '../core/manifest/link.js'
import { err, ok, type Result } from '../core/result.js'
import { createFakeHostsFile } from '../testing/fake-hosts-file.js'
import { connected, linkedObject, projectOf, rendered, session } from '../testing/states.js'
import { watchHosts } from './hosts-watch.js'
import { createStore } from './store.js'

const ID = blockId('shop', 'kind-dev')
const LINE = '127.0.0.1 tour.xyz'
const PATIENCE = 2000

function ingress(...hosts: readonly string[]): LinkedObject {
  const linked = linkedObject('Ingress', 'tour', { apiVersion: 'networking.k8s.io/v1' })
  return { ...linked, object: { ...linked.object, spec: { rules: hosts.map(host => ({ host })) } } }
}

function start(...hosts: readonly string[]) {
  const told: Announcement[] = []
  const tell = (announcement: Announcement) => told.push(announcement)
  const before = session(projectOf([], { hosts: [] })).start()
  const store = createStore({ initial: before.state, now: () => 1, tell })
  const file = createFakeHostsFile('127.0.0.1 localhost\n')
  const rig = {
    address: async (): Promise<HostAddress> => ({ kind: 'known', address: '127.0.0.1' }),
    live: undefined as KubeObject | undefined,
    routes: [] as readonly KubeObject[],
  }
  const watch = watchHosts(store, {
    hosts: { file, id: ID },
    deploy: {
      provider: { hostAddress: () => rig.address() } as never,
      access: {
        cluster: { get: async (): Promise<Result<KubeObject | undefined>> => ok(rig.live) },
      } as never,
    },
    follow: true,
    live: () => rig.routes,
    tell,
  })
  store.subscribe(() => watch.refresh())
  const render = (...names: readonly string[]) => {
    const { state } = session(store.getState().project)
    const run = store.getState().nextRun
    store.dispatch({ type: 'render-started', run })
    const event = rendered(state, ingress(...names))
    if (event.type !== 'render-finished') throw new Error(event.type)
    store.dispatch({ ...event, run })
  }
  const until = async (what: string, fits: () => boolean) => {
    const deadline = Date.now() + PATIENCE
    while (!fits()) {
      if (Date.now() > deadline) throw new Error(`not ${what}: ${JSON.stringify(store.getState().hosts)}`)
      await new Promise(setImmediate)
    }
  }
  const connect = () => store.dispatch(connected(store.getState()))
  if (hosts.length > 0) {
    connect()
    render(...hosts)
  }
  return {
    ...{ told, store, file, watch, render, until, connect, rig },
    names: () =>
      store
        .getState()
        .hosts?.names.map(({ name, state }) => `${name} ${state}`)
        .join(),
    hosts: () => told.filter(one => one.type === 'hosts'),
    settled: () => watch.stop({ finish: true }),
  }
}

test('nothing is looked up before there are manifests and a cluster', async () => {
  const { connect, render, file, until, names, settled } = start()
  render('tour.xyz')
  await new Promise(setImmediate)
  expect(file.asked).toEqual([])
  connect()
  await until('looked up', () => names() === 'tour.xyz missing')
  await settled()
})

test('a name that is missing is told once, and again when it is right', async () => {
  const { file, until, names, hosts, render, settled } = start('tour.xyz')
  await until('missing', () => names() === 'tour.xyz missing')
  expect(hosts()).toMatchObject([{ file: '/etc/hosts', names: [{ name: 'tour.xyz', line: LINE }] }])
  render('tour.xyz')
  await until('looked up twice', () => file.asked.length === 2)
  file.edit(`${file.text}# a comment\n`)
  await until('looked up thrice', () => file.asked.length === 3)
  const block = withBlock(file.text, ID, [LINE])
  if (block.kind === 'damaged') throw new Error(block.message)
  file.edit(block.text)
  await until('right', () => names() === 'tour.xyz ok')
  await settled()
  expect(hosts().map(one => one.names.map(({ state }) => state))).toEqual([['missing'], ['ok']])
})

test('names of other manifests and of the config are looked up when they come', async () => {
  const { store, until, names, render, settled } = start('tour.xyz')
  await until('missing', () => names() === 'tour.xyz missing')
  render('tour.xyz', 'api.tour.xyz')
  await until('both', () => names() === 'tour.xyz missing,api.tour.xyz missing')
  const { project } = store.getState()
  store.dispatch({ type: 'config-reloaded', project: { ...project, hosts: ['admin.xyz'] }, warnings: [] })
  await until('three', () => names()?.startsWith('admin.xyz missing') === true)
  await settled()
})

test('an address that the cluster gives later is taken up at the next step', async () => {
  const { store, until, names, rig, settled, render } = start()
  rig.address = async () => ({ kind: 'published', otherwise: 'none yet' })
  store.dispatch(connected(store.getState()))
  render('tour.xyz')
  await until('unknown', () => names() === 'tour.xyz unknown')
  rig.live = {
    ...ingress('tour.xyz').object,
    status: { loadBalancer: { ingress: [{ ip: '10.1.2.3' }] } },
  }
  const { key } = ingress()
  const run = store.getState().nextRun
  store.dispatch({ type: 'apply-started', run, key, version: '1', save: 0, redeploys: 0 })
  store.dispatch({
    ...{ type: 'apply-finished', run, key, version: '1', outcome: 'created', uid: 'u', generation: 1 },
    notices: [],
  })
  await until('known', () => names() === 'tour.xyz missing')
  expect(store.getState().hosts?.lines).toEqual(['10.1.2.3 tour.xyz'])
  await settled()
})

test('a hosts file that cannot be read is a problem, told once', async () => {
  const { file, until, told, render, store, settled } = start()
  let reads = 0
  file.read = async () => {
    reads += 1
    return err({ kind: 'hosts-file-failed', file: '/etc/hosts', reason: 'other', message: 'EIO' })
  }
  store.dispatch(connected(store.getState()))
  render('tour.xyz')
  await until('read', () => reads === 1)
  render('tour.xyz')
  await until('read again', () => reads === 2)
  await settled()
  expect(told.filter(({ type }) => type === 'problem')).toHaveLength(1)
})

test.each([
  ['told by a run that ends by itself', true, 1],
  ['dropped when a person leaves', false, 0],
])('a lookup that is under way is %s', async (_, finish, count) => {
  const { file, until, hosts, watch, rig, store, render } = start()
  let answer: (address: HostAddress) => void = () => {}
  const asked = new Promise<HostAddress>(resolve => {
    answer = resolve
  })
  let isAsked = false
  rig.address = () => {
    isAsked = true
    return asked
  }
  store.dispatch(connected(store.getState()))
  render('tour.xyz')
  await until('asked', () => isAsked)
  const stopped = watch.stop({ finish })
  answer({ kind: 'known', address: '127.0.0.1' })
  await stopped
  await until('looked up', () => file.asked.length === 1)
  await new Promise(setImmediate)
  expect(hosts()).toHaveLength(count)
  expect(file.isWatched).toBe(false)
})

test('names that only the cluster routes are listed, and go with their routes', async () => {
  const { rig, watch, until, names, store, settled } = start('tour.xyz')
  await until('looked up', () => names() === 'tour.xyz missing')
  const own = ingress('tour.xyz').object
  const extra = {
    ...own,
    metadata: { ...own.metadata, name: 'extra' },
    spec: { rules: [{ host: 'extra.xyz' }] },
  }
  rig.routes = [own, extra]
  watch.refresh()
  await until('listed', () => names() === 'tour.xyz missing,extra.xyz missing')
  expect(store.getState().hosts?.names[1]?.wantedBy).toEqual(['ingress/extra in the cluster'])
  rig.routes = []
  watch.refresh()
  await until('gone', () => names() === 'tour.xyz missing')
  await settled()
})
