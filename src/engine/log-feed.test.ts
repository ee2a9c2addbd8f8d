import { expect, test } from 'vitest'
import type { Announcement } from '../core/announcement.js'
import type { Event } from '../core/event.js'
import { reduce } from '../core/reduce.js'
import type { ContainerTermination, ObservedContainer } from '../core/rollout-observation.js'
import type { State } from '../core/state.js'
import type { LogEvent, LogSource } from '../ports/pod-logs.js'
import { container, pod, terminated, workload } from '../testing/rollout-fixtures.js'
import {
  built,
  connected,
  linkedObject,
  loaded,
  projectOf,
  rendered,
  rollout,
  scanned,
  session,
} from '../testing/states.js'
import { createLogFeed } from './log-feed.js'

const tour = linkedObject('Deployment', 'tour', { services: ['tour'], images: ['proxy'] })
const cronJob = linkedObject('CronJob', 'nightly', { apiVersion: 'batch/v1', images: ['report'] })
const template = { spec: { containers: [{ name: 'report', image: 'report' }] } }
const nightly = { ...cronJob, object: { ...cronJob.object, spec: { jobTemplate: { spec: { template } } } } }
const IMAGE = 'shop/tour:dev-i'

/** A session whose image is on the nodes, with these manifests. */
function ready(): State {
  const project = projectOf(['tour'], { logs: { ignore: ['^GET /healthz'] } })
  let it = session(project).start()
  it = it.do(connected(it.state), scanned(it.state, 'tour', 'i')).start()
  it = it.do(built(it.state, 'tour', 'i'), rendered(it.state, tour, nightly)).start()
  return it.do(loaded(it.state, IMAGE)).state
}

function setUp() {
  let state = ready()
  const told: Announcement[] = []
  const open = new Map<string, { source: LogSource; sink: (event: LogEvent) => void; end: () => void }>()
  const feed = createLogFeed(
    {
      getState: () => state,
      dispatch: () => {},
      announce: () => {},
      subscribe: () => () => {},
    },
    {
      follow: (source, sink) =>
        new Promise<void>(end =>
          open.set(`${source.pod}/${source.container}/${source.restarts}`, { source, sink, end }),
        ),
      tail: async () => [],
    },
    announcement => told.push(announcement),
  )
  const at = (key: string) => {
    const found = open.get(key)
    if (found === undefined) throw new Error(`${key} is not read; these are: ${[...open.keys()].join()}`)
    return found
  }
  return {
    told,
    open,
    at,
    words: () =>
      told.map(one => {
        if (one.type === 'log') return `${one.ignored === true ? '(ignored) ' : ''}${one.text}`
        return one.type === 'log-mark' || one.type === 'log-gap' ? `[${one.message}]` : one.type
      }),
    print: (key: string, text: string) => at(key).sink({ type: 'line', time: '', text }),
    see: async (...events: readonly Event[]) => {
      for (const event of events) state = reduce(state, { ...event, at: 2000 })
      feed.refresh()
      await new Promise(resolve => setImmediate(resolve))
    },
    end: async (key: string) => {
      at(key).end()
      await new Promise(resolve => setImmediate(resolve))
    },
  }
}

const observed = (...containers: readonly Partial<ObservedContainer>[]): Event => ({
  type: 'observed',
  observations: rollout(tour.key, {
    ready: true,
    over: { name: 'tour-1', containers: containers.map(container) },
  }),
})
const app = (restarts: number, over: Partial<ObservedContainer> = {}) => ({
  name: 'tour',
  image: IMAGE,
  containerId: `c${restarts}`,
  restarts,
  ...over,
})
const ended = (run: number, code: number, reason: string): ContainerTermination => ({
  ...terminated(code, reason),
  containerId: `c${run}`,
})

test('a pod of a save says so before its first line, and every origin says what speaks', async () => {
  const { see, print, told, words } = setUp()
  await see(
    observed(
      { name: 'wait', init: true, containerId: 'i' },
      app(0),
      { name: 'proxy', containerId: 'p' },
      { name: 'istio-proxy', containerId: 's' },
    ),
  )
  print('tour-1/wait/0', 'waited')
  print('tour-1/tour/0', 'one')
  print('tour-1/tour/0', 'GET /healthz 200')
  print('tour-1/proxy/0', 'proxies')
  print('tour-1/istio-proxy/0', 'envoy')
  expect(words()).toEqual([
    'waited',
    '[image dev-i starts in tour-1]',
    'one',
    '(ignored) GET /healthz 200',
    'proxies',
    'envoy',
  ])
  expect(told.map(one => (one.type === 'log' ? [one.service, one.role, one.podUid] : one.type))).toEqual([
    [undefined, 'init', `pod of uid ${tour.key}`],
    'log-mark',
    ['tour', 'app', `pod of uid ${tour.key}`],
    ['tour', 'app', `pod of uid ${tour.key}`],
    [undefined, 'sidecar', `pod of uid ${tour.key}`],
    [undefined, 'sidecar', `pod of uid ${tour.key}`],
  ])
})

test('each run begins with how the one before ended, however far behind its log is', async () => {
  const { see, print, end, words } = setUp()
  await see(observed(app(0)))
  print('tour-1/tour/0', 'one')
  await see(observed(app(0, { state: { kind: 'terminated', ...ended(0, 1, 'Error') } })))
  await see(observed(app(1, { lastTermination: ended(0, 1, 'Error') })))
  await see(observed(app(2, { lastTermination: ended(1, 137, 'OOMKilled') })))
  print('tour-1/tour/0', 'last words')
  await end('tour-1/tour/0')
  print('tour-1/tour/1', 'two')
  await end('tour-1/tour/1')
  print('tour-1/tour/2', 'three')
  expect(words()).toEqual([
    '[image dev-i starts in tour-1]',
    'one',
    'last words',
    '[restart 1, exit code 1]',
    'two',
    '[restart 2, exit code 137 (OOMKilled)]',
    'three',
  ])
})

test('the last lines of a pod that is gone are still its service’s', async () => {
  const { see, print, told } = setUp()
  await see(observed(app(0)))
  await see({
    type: 'observed',
    observations: [{ type: 'pod-gone', uid: `pod of uid ${tour.key}`, namespace: 'shop', name: 'tour-1' }],
  })
  print('tour-1/tour/0', 'bye')
  expect(told.at(-1)).toMatchObject({ type: 'log', service: 'tour', role: 'app', text: 'bye' })
})

test('the pod of a Job that a CronJob made is read, even if the Job is seen after it', async () => {
  const { see, print, open, told } = setUp()
  const owner = { kind: 'Job', name: 'nightly-1', uid: 'job' }
  const run = pod('nightly-1-x', { owner, containers: [container({ name: 'report', containerId: 'r' })] })
  await see({ type: 'observed', observations: [{ type: 'pod', pod: run }] })
  expect([...open.keys()]).toEqual([])
  const job = {
    key: 'batch/Job/shop/nightly-1',
    uid: 'job',
    name: 'nightly-1',
    owner: { apiVersion: 'batch/v1', kind: 'CronJob', name: 'nightly' },
  }
  await see({ type: 'observed', observations: [{ type: 'workload', workload: workload('Job', job) }] })
  print('nightly-1-x/report/0', 'done')
  expect(told).toMatchObject([{ type: 'log', role: 'app', text: 'done' }])
})
