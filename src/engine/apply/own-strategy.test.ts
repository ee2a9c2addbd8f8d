import { expect, it } from 'vitest'
import type { KubeObject } from '../../core/kube-object.js'
import { valueAt, withValueAt } from '../../core/manifest/fields.js'
import { createFakeCluster } from '../../testing/fake-cluster.js'
import { createFakeJournal } from '../../testing/fake-journal.js'
import { deploymentOf } from '../../testing/session-rig.js'
import { applyObject } from '../apply-object.js'

const STRATEGY = ['spec', 'strategy']
const filledIn = { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } }
const { signal } = new AbortController()

/** A Deployment with the fields that the API server fills in, which refuses `Recreate` until they belong to somebody who leaves them out. */
async function deployed() {
  const cluster = createFakeCluster()
  const tools = { cluster, journal: createFakeJournal() }
  const object = deploymentOf('a', 'shop/a:dev-1')
  const made = await applyObject(tools, { object, signal })
  if (!made.ok) throw new Error('not applied')
  const key = 'apps/Deployment/shop/a'
  const live = cluster.objects.get(key)
  if (live !== undefined) cluster.objects.set(key, withValueAt(live, STRATEGY, filledIn))
  const isOwned = () =>
    cluster.applied.some(sent => valueAt(sent, [...STRATEGY, 'rollingUpdate']) !== undefined)
  cluster.refuse = (sent: KubeObject) =>
    valueAt(sent, [...STRATEGY, 'type']) !== 'Recreate' || isOwned()
      ? undefined
      : {
          kind: 'apply-rejected',
          object: 'deployment/a',
          reason: 'invalid',
          message: "may not be specified when strategy `type` is 'Recreate'",
          fields: ['spec.strategy.rollingUpdate'],
        }
  const recreate = (image: string) => withValueAt(deploymentOf('a', image), STRATEGY, { type: 'Recreate' })
  return { cluster, tools, key, recreate }
}

it('changes a strategy to Recreate, and rolls nothing out with the strategy before', async () => {
  const { cluster, tools, key, recreate } = await deployed()
  expect(await applyObject(tools, { object: recreate('shop/a:dev-2'), signal })).toMatchObject({ ok: true })
  expect(valueAt(cluster.objects.get(key), STRATEGY)).toEqual({ type: 'Recreate' })
  const between = cluster.applied.find(sent => valueAt(sent, [...STRATEGY, 'rollingUpdate']) !== undefined)
  expect(JSON.stringify(between)).toContain('shop/a:dev-1')
})

it('leaves what a person wrote wrong as the API server has it', async () => {
  const { cluster, tools, recreate } = await deployed()
  const wrong = withValueAt(recreate('shop/a:dev-2'), [...STRATEGY, 'rollingUpdate'], { maxSurge: 1 })
  cluster.refuse = () => ({
    kind: 'apply-rejected',
    object: 'deployment/a',
    reason: 'invalid',
    message: 'no',
    fields: ['spec.strategy.rollingUpdate'],
  })
  const before = cluster.applied.length
  expect(await applyObject(tools, { object: wrong, signal })).toMatchObject({ ok: false })
  expect(cluster.applied.length).toBe(before + 1)
})
