import { expect, it } from 'vitest'
import type { KubeObject } from '../core/kube-object.js'
import { createFakeCluster } from '../testing/fake-cluster.js'
import { createFakeJournal } from '../testing/fake-journal.js'
import { applyObject } from './apply-object.js'

const brief: KubeObject = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'migrate', namespace: 'shop' },
  spec: { ttlSecondsAfterFinished: 60 },
}

it('runs a Job that cleared itself away once more where that is asked for, and not by itself', async () => {
  const cluster = createFakeCluster()
  const tools = { cluster, journal: createFakeJournal() }
  const { signal } = new AbortController()
  await applyObject(tools, { object: brief, signal })
  cluster.objects.clear()
  expect(await applyObject(tools, { object: brief, signal })).toMatchObject({
    ok: true,
    value: { outcome: 'unchanged', live: undefined },
  })
  expect(await applyObject(tools, { object: brief, signal, again: true })).toMatchObject({
    ok: true,
    value: { outcome: 'created' },
  })
})
