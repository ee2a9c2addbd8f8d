import { expect, test } from 'vitest'
import { workload } from '../../testing/rollout-fixtures.js'
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
import { plan } from '../plan.js'
import type { Observation, ObservedWorkload } from '../rollout-observation.js'

const namespace = linkedObject('Namespace', 'shop', { namespace: undefined })
const config = linkedObject('ConfigMap', 'config')
const web = linkedObject('Deployment', 'web')
const job = linkedObject('Job', 'migrate', { apiVersion: 'batch/v1' })
/** Goes by itself some time after its end. */
const made = linkedObject('Job', 'brief', { apiVersion: 'batch/v1' })
const brief = { ...made, object: { ...made.object, spec: { ttlSecondsAfterFinished: 60 } } }

/** All applied, and `web` seen. */
function up(): Given {
  let it = session(projectOf([])).start()
  it = it.do(connected(it.state), rendered(it.state)).start()
  it = it.do(rendered(it.state, namespace, config, web, job, brief))
  for (let round = 0; round < 4; round += 1) {
    it = it.start()
    for (const [key, { apply }] of Object.entries(it.state.objects))
      if (apply.kind === 'applying') it = it.do(applied(it.state, key))
  }
  return it.do(rolledOut(web.key))
}

const gone = (uid: string, key = web.key, how: { readonly unfinished?: true } = {}): Event => ({
  type: 'observed',
  observations: [{ type: 'workload-gone', key, uid, ...how }],
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
  ['a Job that goes when it is done', gone(`uid ${brief.key}`, brief.key)],
  ['one that the manifests do not have', gone('uid', 'apps/Deployment/shop/other')],
])('%s is not', (_, event) => {
  expect(pending(up().do(event))).toEqual([])
})

test.each<[string, Event, string]>([
  ['that was done', gone(`uid ${job.key}`, job.key), job.key],
  ['that was at its work', gone(`uid ${job.key}`, job.key, { unfinished: true }), job.key],
  [
    'that was at its work and would go by itself',
    gone(`uid ${brief.key}`, brief.key, { unfinished: true }),
    brief.key,
  ],
])('a Job %s when somebody deleted it runs again', (_, event, key) => {
  const after = up().do(event).start()
  expect(after.state.objects[key]?.apply.kind).toBe('applying')
})

test.each([
  ['Complete', 'done'],
  ['Failed', 'failing'],
] as const)(
  'a Job that its time to live clears away stays %s, seen step by step and at once',
  (type, kind) => {
    const uid = `uid ${brief.key}`
    const seen = (over: Partial<ObservedWorkload>): Observation => ({
      type: 'workload',
      workload: workload('Job', { key: brief.key, uid, namespace: 'shop', name: 'brief', ...over }),
    })
    const conditions = [{ type, status: 'True' }]
    const steps: readonly Observation[] = [
      seen({ conditions }),
      seen({ conditions, deleting: true }),
      { type: 'workload-gone', key: brief.key, uid },
    ]
    const after = (...batches: readonly (readonly Observation[])[]) =>
      batches.reduce((it, observations) => it.do({ type: 'observed', observations }), up()).state.objects[
        brief.key
      ]
    expect(after(...steps.map(step => [step]))?.rollout?.status.kind).toBe(kind)
    expect(after(steps)?.rollout?.status.kind).toBe(kind)
    expect(after(steps)?.apply.kind).toBe('applied')
  },
)

test('what its journal calls done is run all the same where it was deleted at its work, also after a failure, and once', () => {
  let it = up().do(gone(`uid ${brief.key}`, brief.key, { unfinished: true }))
  const asked = () => plan(it.state).start.flatMap(one => (one.type === 'apply' ? [one.again] : []))
  expect(asked()).toEqual([true])
  it = it.start()
  it = it.do(applyFailed(it.state, brief.key, { kind: 'cluster-unreachable', context: 'dev', message: 'no' }))
  it = it.do({ type: 'retry-due', what: 'apply' })
  expect(asked()).toEqual([true])
  it = it.start()
  it = it.do(applied(it.state, brief.key))
  expect(it.state.objects[brief.key]?.again).toBeUndefined()
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
  expect(pending(it)).toEqual(['Namespace', 'ConfigMap', 'Job'])
  expect(it.state.objects[web.key]?.apply).toMatchObject({ kind: 'failed', retry: true })
})
