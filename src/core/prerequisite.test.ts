import { expect, test } from 'vitest'
import {
  applied,
  applyFailed,
  connected,
  linkedObject,
  projectOf,
  rendered,
  session,
} from '../testing/states.js'
import { objectStatus } from './service-status.js'

const made = linkedObject('PersistentVolumeClaim', 'data')
const claim = { ...made, object: { ...made.object, spec: { storageClassName: 'nfs' } } }
const web = linkedObject('Deployment', 'web')

/** The claim failed for the want of its class; nothing else was applied. */
function lacking() {
  let it = session(projectOf([])).start()
  it = it.do(connected(it.state), rendered(it.state)).start()
  it = it.do(rendered(it.state, claim, web)).start()
  return it.do(
    applyFailed(it.state, claim.key, {
      kind: 'apply-rejected',
      object: 'persistentvolumeclaim/data',
      reason: 'storage-class',
      message: 'storage class nfs is not on this cluster',
      fields: [],
    }),
  )
}
const seen = (name: string) => ({ type: 'prerequisite-seen', kind: 'StorageClass', name }) as const

test('a claim is tried again when its own class is there, and not for another', () => {
  const it = lacking()
  expect(it.do(seen('standard')).state).toBe(it.state)
  expect(it.do(seen('nfs')).state.objects[claim.key]?.apply).toMatchObject({ kind: 'failed', retry: true })
})

test('what waits while a claim is tried again did not fail with it', () => {
  let it = lacking().do(seen('nfs'))
  expect(objectStatus(it.state, web.key).phase).toBe('waiting')
  it = it.start()
  expect(it.state.objects[claim.key]?.apply.kind).toBe('applying')
  expect(objectStatus(it.state, web.key).phase).toBe('waiting')
  it = it.do(applied(it.state, claim.key)).start()
  expect(it.state.objects[web.key]?.apply.kind).toBe('applying')
})
