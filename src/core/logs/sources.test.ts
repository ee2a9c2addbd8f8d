import { expect, test } from 'vitest'
import { container, pod, terminated, waiting } from '../../testing/rollout-fixtures.js'
import type { ObservedContainer } from '../rollout-observation.js'
import { type BegunLogs, planLogs } from './sources.js'

const ended = (id: string) => ({ ...terminated(1), containerId: id })
const run = (restarts: number, id: string, over: Partial<ObservedContainer> = {}) =>
  container({ restarts, containerId: id, ...over })

/** Per observation of one container: the runs to begin, `+n` where n runs are lost before it. */
test.each<[string, readonly ObservedContainer[], readonly string[]]>([
  ['not created yet', [container({ state: waiting('ContainerCreating') })], ['']],
  ['seen twice', [run(0, 'a'), run(0, 'a')], ['0a', '']],
  ['ended before it was seen', [run(0, 'a', { state: ended('a') })], ['0a']],
  ['restarted between two looks', [run(0, 'a'), run(1, 'b', { lastTermination: ended('a') })], ['0a', '1b']],
  ['restarted before the first look', [run(1, 'b', { lastTermination: ended('a') })], ['0a 1b']],
  [
    'restarted twice between two looks',
    [run(0, 'a'), run(2, 'c', { lastTermination: ended('b') })],
    ['0a', '1b 2c'],
  ],
  [
    'restarted three times between two looks',
    [run(0, 'a'), run(3, 'd', { lastTermination: ended('c') })],
    ['0a', '2c+1 3d'],
  ],
  ['restarted often before', [run(57, 'z', { lastTermination: ended('y') })], ['56y+56 57z']],
  [
    'in back-off the status names the dead one twice',
    [run(0, 'a'), run(0, 'a', { state: waiting('CrashLoopBackOff'), lastTermination: ended('a') })],
    ['0a', ''],
  ],
  ['its last log was cleaned up', [run(2, 'c')], ['2c+2']],
])('%s', (_name, looks, begun) => {
  let state: BegunLogs = {}
  const told = looks.map(look => {
    const plan = planLogs(state, [pod('p', { containers: [look] })])
    state = plan.begun
    return plan.start
      .map(({ instance, lost }) => `${instance.restarts}${instance.containerId}${lost > 0 ? `+${lost}` : ''}`)
      .join(' ')
  })
  expect(told).toEqual(begun)
})

test('init containers count, pods are told apart by UID, and one that comes back into sight is not begun again', () => {
  const both = [run(0, 'i', { name: 'migrate', init: true }), run(0, 'a')]
  const first = planLogs({}, [pod('p', { containers: both })])
  expect(first.start.map(({ instance }) => instance.container)).toEqual(['migrate', 'app'])
  const second = planLogs(first.begun, [pod('p', { uid: 'other', containers: [run(0, 'x')] })])
  expect(second.start.map(({ instance }) => instance.podUid)).toEqual(['other'])
  const third = planLogs(second.begun, [pod('p', { containers: both })])
  expect(third.start).toEqual([])
})
