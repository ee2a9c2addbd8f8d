import { beforeEach, describe, expect, it } from 'vitest'
import { type KubeObject, refKey, refOf } from '../core/kube-object.js'
import { createFakeCluster, type FakeCluster } from '../testing/fake-cluster.js'
import { createFakeJournal, type FakeJournal } from '../testing/fake-journal.js'
import { applyObject } from './apply-object.js'
import { scaleDown } from './scale-down.js'

const { signal } = new AbortController()
const deployment = (name: string, replicas?: number): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'shop' },
  spec: { ...(replicas === undefined ? {} : { replicas }), paused: false },
})
const settings: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'shop' },
  data: { a: '1' },
}

describe('scaling down what devloop made', () => {
  let cluster: FakeCluster
  let journal: FakeJournal

  const apply = async (object: KubeObject) =>
    expect(await applyObject({ cluster, journal }, { object, signal, save: 3 })).toMatchObject({ ok: true })
  const theirs = (object: KubeObject, manager = 'helm') =>
    cluster.apply(object, { fieldManager: manager, force: true })
  const live = (name: string) => cluster.objects.get(refKey(refOf(deployment(name))))
  const replicas = (name: string) => (live(name)?.spec as { replicas?: number } | undefined)?.replicas
  const scaled = async (now = signal) => {
    const report = await scaleDown({ cluster, journal }, now)
    if (!report.ok) throw new Error(report.error.kind)
    expect(report.value.problems).toEqual([])
    return report.value.scaled.map(({ name }) => name)
  }

  beforeEach(async () => {
    cluster = createFakeCluster()
    journal = createFakeJournal()
    await journal.append([{ type: 'cluster-bound', uid: cluster.uid }], { durable: true })
  })

  it('takes the pods of workloads, whoever scales them, and the next apply has them again', async () => {
    await apply(settings)
    await apply(deployment('web', 2))
    await apply(deployment('worker'))
    await theirs(deployment('web', 5), 'autoscaler')
    expect(await scaled()).toEqual(['web', 'worker'])
    expect([replicas('web'), replicas('worker')]).toEqual([0, 0])
    expect(journal.state().objects.get(refKey(refOf(deployment('web'))))?.applied?.save).toBe(3)
    expect(await scaled()).toEqual([])
    await apply(deployment('web', 2))
    await apply(deployment('worker'))
    // Where the manifest says nothing, the API server has its own default.
    expect([replicas('web'), replicas('worker')]).toEqual([2, undefined])
  })

  it('leaves alone what was there before, what somebody made anew or deleted, and what runs no pods', async () => {
    await theirs(deployment('older', 4))
    await apply({
      ...deployment('older'),
      metadata: { name: 'older', namespace: 'shop', labels: { a: 'b' } },
    })
    for (const name of ['anew', 'gone', 'going']) await apply(deployment(name, 2))
    await apply(deployment('none', 0))
    cluster.objects.delete(refKey(refOf(deployment('anew'))))
    await theirs(deployment('anew', 2))
    cluster.objects.delete(refKey(refOf(deployment('gone'))))
    const going = live('going')
    if (going === undefined) throw new Error('no object')
    const metadata = { ...going.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' }
    cluster.objects.set(refKey(refOf(going)), { ...going, metadata })
    expect(await scaled()).toEqual([])
    expect(['older', 'anew', 'gone', 'going'].map(replicas)).toEqual([4, 2, undefined, 2])
  })

  it('touches nothing of another cluster of the same name', async () => {
    await apply(deployment('web', 2))
    cluster.uid = 'cluster-2'
    expect(await scaled()).toEqual([])
    expect(replicas('web')).toBe(2)
  })

  it('stops when it is told to, and says when the cluster is gone', async () => {
    await apply(deployment('web', 2))
    expect(await scaleDown({ cluster, journal }, AbortSignal.abort())).toMatchObject({
      error: { kind: 'cancelled' },
    })
    expect(replicas('web')).toBe(2)
    cluster.down = { kind: 'cluster-unreachable', context: 'kind-dev', message: 'refused' }
    expect(await scaleDown({ cluster, journal }, signal)).toMatchObject({
      error: { kind: 'cluster-unreachable' },
    })
  })
})
