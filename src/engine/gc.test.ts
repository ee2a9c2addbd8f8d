import { describe, expect, it } from 'vitest'
import type { Announcement } from '../core/announcement.js'
import type { GcPlan, NodeNames, StoredImage } from '../core/gc/stale-images.js'
import type { KubeObject } from '../core/kube-object.js'
import { ok } from '../core/result.js'
import type { State } from '../core/state.js'
import { createFakeClock } from '../testing/fake-clock.js'
import { createFakeCluster } from '../testing/fake-cluster.js'
import { createFakeImageCache, createFakeJournal } from '../testing/fake-journal.js'
import { createRig, deploymentOf } from '../testing/session-rig.js'
import { engineGone, projectOf } from '../testing/states.js'
import { type GcTools, planGc, removeStale } from './gc.js'
import { gcNowAndThen } from './gc-now-and-then.js'

const hex = (n: number) => n.toString(16).padStart(12, '0')
const reference = (n: number) => `shop/a:dev-${hex(n)}`

/** An engine and one node with so many images of `a`, the newest last; what is removed is noted. */
function world(count: number) {
  const cluster = createFakeCluster()
  const removed: string[] = []
  const numbers = Array.from({ length: count }, (_, at) => at + 1)
  const host = numbers.map(
    (n): StoredImage => ({
      id: `sha256:${hex(n)}`,
      references: [reference(n)],
      createdAt: n,
      uniqueBytes: 1,
      containers: 0,
    }),
  )
  const tools: GcTools = {
    cluster,
    journal: createFakeJournal(),
    images: createFakeImageCache(),
    store: {
      list: async () => ok(host),
      removeReference: async name => {
        removed.push(name)
        return ok(true)
      },
    },
    nodes: {
      list: async repositories =>
        ok([{ node: 'n', names: host.map((_, at) => `${repositories[0]}:dev-${hex(at + 1)}`) }]),
      remove: async ({ node, names }: NodeNames) => {
        removed.push(`${node} ${names.length}`)
        return ok(undefined)
      },
    },
  }
  return { cluster, tools, removed, host }
}

const replicaSet = (n: number): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: `a-${n}`, namespace: 'another' },
  spec: { replicas: 0, template: { spec: { containers: [{ name: 'a', image: reference(n) }] } } },
})

describe('what a gc would remove', () => {
  it('is neither what a kept revision of any namespace needs, nor what a session may go back to', async () => {
    const { cluster, tools } = world(8)
    cluster.objects.set('rs', replicaSet(2))
    const plan = await planGc(tools, projectOf(['a']), [reference(3)])
    expect(plan.ok && plan.value.host.map(one => one.reference)).toEqual([1, 4, 5].map(reference))
    expect(plan.ok && plan.value.nodes).toMatchObject([{ node: 'n', names: { length: 3 } }])
  })

  it('is not guessed where the cluster does not say what it runs', async () => {
    const { cluster, tools } = world(8)
    cluster.down = engineGone
    expect(await planGc(tools, projectOf(['a']), [])).toEqual({ ok: false, error: engineGone })
  })
})

describe('removing', () => {
  const plan: GcPlan = {
    host: [1, 2].map(n => ({ reference: reference(n), uniqueBytes: n })),
    nodes: [{ node: 'n', names: [reference(1)] }],
    kept: 0,
  }

  it('says what came into use meanwhile', async () => {
    const { tools } = world(0)
    const store = { ...tools.store, removeReference: async (name: string) => ok(name !== reference(1)) }
    expect(await removeStale({ ...tools, store }, plan, new AbortController().signal)).toEqual({
      ok: true,
      value: { host: 1, bytes: 2, nodes: [{ node: 'n', images: 1 }], inUse: [reference(1)] },
    })
  })

  it('leaves the rest when it is ended', async () => {
    const { tools, removed } = world(0)
    const abort = new AbortController()
    const store = {
      ...tools.store,
      removeReference: async (name: string) => {
        removed.push(name)
        abort.abort()
        return ok(true)
      },
    }
    await removeStale({ ...tools, store }, plan, abort.signal)
    expect(removed).toEqual(['n 1', reference(1)])
  })
})

describe('now and then', () => {
  /** Live states of before and after a save, and one in between. */
  async function states(): Promise<Readonly<Record<'start' | 'busy' | 'live', State>>> {
    const rig = await createRig(projectOf(['a']), { manifests: [deploymentOf('a', 'shop/a')] })
    ;(await rig.build('a')).succeed('first')
    const start = await rig.live('a', 0)
    rig.save({ '/shop/a/main.go': 'a 1' })
    const build = await rig.build('a')
    const busy = rig.session.getState()
    build.succeed('second')
    const live = await rig.live('a', 1)
    await rig.session.stop()
    return { start, busy, live }
  }

  async function started(count: number) {
    const all = await states()
    const { tools, removed } = world(count)
    const clock = createFakeClock()
    const told: Announcement[] = []
    let state = all.start
    const gc = gcNowAndThen({ store: { getState: () => state }, clock, tools, tell: one => told.push(one) })
    const to = (name: keyof typeof all) => {
      state = all[name]
      gc.refresh()
    }
    to('start')
    return { gc, clock, told, removed, to, all }
  }

  const MINUTE = 60_000

  it('removes after a save, at rest, and not again within the hour', async () => {
    const { gc, clock, told, removed, to } = await started(20)
    clock.advance(120 * MINUTE)
    expect(removed).toEqual([])
    to('live')
    clock.advance(MINUTE)
    await expect.poll(() => told.length).toBe(1)
    expect(removed.length).toBe(1 + 17)
    to('busy')
    to('live')
    clock.advance(50 * MINUTE)
    await gc.stop()
    expect(removed.length).toBe(1 + 17)
  })

  it('gives way to a save that comes before', async () => {
    const { gc, clock, removed, to } = await started(20)
    clock.advance(120 * MINUTE)
    to('live')
    to('busy')
    clock.advance(MINUTE)
    await gc.stop()
    expect(removed).toEqual([])
  })

  it('leaves a few alone', async () => {
    const { gc, clock, removed, to } = await started(12)
    clock.advance(120 * MINUTE)
    to('live')
    clock.advance(MINUTE)
    await gc.stop()
    expect(removed).toEqual([])
  })
})
