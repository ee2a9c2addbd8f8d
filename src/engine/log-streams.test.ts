import { expect, test } from 'vitest'
import type { ObservedPod } from '../core/rollout-observation.js'
import type { LogEvent, LogSource, PodLogs } from '../ports/pod-logs.js'
import { container, pod, terminated } from '../testing/rollout-fixtures.js'
import { createLogStreams } from './log-streams.js'

interface Call {
  readonly source: LogSource
  readonly sink: (event: LogEvent) => void
  readonly signal: AbortSignal
  readonly ended: AbortSignal | undefined
  readonly end: () => void
  readonly fail: (error: Error) => void
}

function setUp() {
  const calls: Call[] = []
  const told: string[] = []
  const logs: Pick<PodLogs, 'follow'> = {
    follow: (source, sink, { signal, ended }) =>
      new Promise((end, fail) => calls.push({ source, sink, signal, ended, end, fail })),
  }
  const sink = ({ source, event }: { source: LogSource; event: LogEvent }) =>
    told.push(`${source.container}/${source.restarts} ${event.type === 'line' ? event.text : 'gap'}`)
  const streams = createLogStreams({ logs, sink })
  const call = (at: number): Call => {
    const found = calls[at]
    if (found === undefined) throw new Error(`There is no call ${at}.`)
    return found
  }
  return { calls, call, told, streams }
}

const byUid = (...pods: readonly ObservedPod[]) => Object.fromEntries(pods.map(one => [one.uid, one]))
const turn = () => new Promise(resolve => setImmediate(resolve))
const line = (text: string): LogEvent => ({ type: 'line', time: '', text })
const run = (restarts: number, over = {}) =>
  pod('p', { containers: [container({ restarts, containerId: `id${restarts}`, ...over })] })
const restarted = (restarts: number) =>
  run(restarts, { lastTermination: { ...terminated(1), containerId: `id${restarts - 1}` } })

test('a run is read after the one before, which is told that it has ended', async () => {
  const { streams, calls, call, told } = setUp()
  streams.update([run(0)], byUid(run(0)))
  await turn()
  expect(call(0).ended?.aborted).toBe(false)
  streams.update([restarted(1)], byUid(restarted(1)))
  await turn()
  expect(calls).toHaveLength(1)
  expect(call(0).ended?.aborted).toBe(true)
  call(0).sink(line('last words'))
  call(0).end()
  await turn()
  call(1).sink(line('first words'))
  call(1).end()
  await streams.idle()
  expect(told).toEqual(['app/0 last words', 'app/1 first words'])
})

test('runs that were missed are marked, the one before the present is read', async () => {
  const { streams, calls, call, told } = setUp()
  streams.update([restarted(4)], byUid(restarted(4)))
  await turn()
  expect(told).toEqual(['app/3 gap'])
  call(0).end()
  await turn()
  expect(calls.map(({ source }) => source.restarts)).toEqual([3, 4])
})

test('containers do not wait for each other, and nothing is begun twice', async () => {
  const { streams, calls } = setUp()
  const two = pod('p', {
    containers: [container({ containerId: 'a' }), container({ name: 'side', containerId: 'b' })],
  })
  streams.update([two], byUid(two))
  streams.update([two], byUid(two))
  await turn()
  expect(calls.map(({ source }) => source.container)).toEqual(['app', 'side'])
})

test('a pod that is gone is read to its end', async () => {
  const { streams, call, told } = setUp()
  streams.update([run(0)], byUid(run(0)))
  await turn()
  streams.update([], byUid())
  expect(call(0).ended?.aborted).toBe(true)
  call(0).sink(line('bye'))
  call(0).end()
  await streams.idle()
  expect(told).toEqual(['app/0 bye'])
})

test('a pod that is no longer wanted is left connected while it runs', async () => {
  const { streams, calls, call, told } = setUp()
  streams.update([run(0)], byUid(run(0)))
  await turn()
  streams.update([], byUid(run(0)))
  expect(call(0).ended?.aborted).toBe(false)
  call(0).sink(line('still here'))
  streams.update([], byUid(run(0, { state: terminated(0) })))
  expect(call(0).ended?.aborted).toBe(true)
  call(0).end()
  await streams.idle()
  expect([told, calls.length]).toEqual([['app/0 still here'], 1])
})

test('after the close nothing is shown and nothing begun', async () => {
  const { streams, calls, call, told } = setUp()
  streams.update([run(0)], byUid(run(0)))
  await turn()
  const closed = streams.close()
  expect(call(0).signal.aborted).toBe(true)
  call(0).sink(line('late'))
  streams.update([restarted(1)], byUid(restarted(1)))
  call(0).end()
  await closed
  expect([told, calls.length]).toEqual([[], 1])
})

test('a log that fails says so, and the next run is read', async () => {
  const { streams, calls, call, told } = setUp()
  streams.update([restarted(1)], byUid(restarted(1)))
  await turn()
  call(0).fail(new Error('broken'))
  await turn()
  expect(told).toEqual(['app/0 gap'])
  expect(calls).toHaveLength(2)
})
