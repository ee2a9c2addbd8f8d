import { expect, test } from 'vitest'
import {
  applied,
  applyFailed,
  connected,
  type Given,
  linkedObject,
  projectOf,
  rendered,
  rolledOut,
  session,
} from '../../testing/states.js'
import { announceEvent } from '../announce.js'
import type { Event } from '../event.js'

const namespace = linkedObject('Namespace', 'shop', { namespace: undefined })
const config = linkedObject('ConfigMap', 'config')
const web = linkedObject('Deployment', 'web')
const job = linkedObject('Job', 'migrate', { apiVersion: 'batch/v1' })

/** All applied, and `web` seen. */
function up(): Given {
  let it = session(projectOf([])).start()
  it = it.do(connected(it.state), rendered(it.state)).start()
  it = it.do(rendered(it.state, namespace, config, web, job))
  for (let round = 0; round < 4; round += 1) {
    it = it.start()
    for (const [key, { apply }] of Object.entries(it.state.objects))
      if (apply.kind === 'applying') it = it.do(applied(it.state, key))
  }
  return it.do(rolledOut(web.key))
}

const gone = (uid: string, key = web.key): Event => ({
  type: 'observed',
  observations: [{ type: 'workload-gone', key, uid }],
})
const pending = ({ state }: Given) =>
  Object.values(state.objects).flatMap(({ apply, linked }) =>
    apply.kind === 'pending' ? [linked.ref.kind] : [],
  )

test('a workload that somebody deleted is made again, and told', () => {
  const before = up()
  const event = gone(`uid ${web.key}`)
  const after = before.do(event)
  expect(pending(after)).toEqual(['Deployment'])
  expect(announceEvent(before.state, after.state, { ...event, at: 1 })).toEqual([
    { type: 'notice', message: 'deployment/web -n shop was deleted in the cluster, and is made again' },
  ])
})

test.each<[string, Event]>([
  ['one that was replaced by us', gone('another uid')],
  ['a Job, which goes when it is done', gone(`uid ${job.key}`, job.key)],
  ['one that the manifests do not have', gone('uid', 'apps/Deployment/shop/other')],
])('%s is not', (_, event) => {
  expect(pending(up().do(event))).toEqual([])
})

test('a namespace that is no more comes back with all that it had, but for what did its work', () => {
  let it = up()
    .do(gone(`uid ${web.key}`))
    .start()
  it = it.do(
    applyFailed(it.state, web.key, {
      kind: 'apply-rejected',
      object: 'deployment/web',
      reason: 'namespace',
      message: 'namespaces "shop" not found',
      fields: [],
    }),
    { type: 'retry-due', what: 'apply' },
  )
  expect(pending(it)).toEqual(['Namespace', 'ConfigMap'])
  expect(it.state.objects[web.key]?.apply).toMatchObject({ kind: 'failed', retry: true })
})
