import { expect, test } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import { workloadGone } from './workload-gone.js'

const metadata = { name: 'migrate', namespace: 'shop', uid: '1' }
const job = (...types: readonly string[]): KubeObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata,
  spec: {},
  status: { conditions: types.map(type => ({ type, status: 'True' })) },
})

test.each<[string, KubeObject, boolean | undefined]>([
  ['a Job at its work', job(), true],
  ['one that is suspended', job('Suspended'), true],
  ['one that succeeded', job('SuccessCriteriaMet', 'Complete'), undefined],
  ['one whose last pod ends', job('SuccessCriteriaMet'), undefined],
  ['one that failed', job('FailureTarget', 'Failed'), undefined],
  ['one that went while nobody looked', { apiVersion: 'batch/v1', kind: 'Job', metadata }, undefined],
  ['a Deployment', { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: {} }, undefined],
])('%s', (_, object, unfinished) => {
  const { key, ...gone } = workloadGone(object)
  expect(gone).toEqual({
    type: 'workload-gone',
    uid: '1',
    ...(unfinished === undefined ? {} : { unfinished }),
  })
  expect(key).toContain('/shop/migrate')
})
