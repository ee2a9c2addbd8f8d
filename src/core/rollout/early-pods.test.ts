import { expect, test } from 'vitest'
import { container, pod, running, terminated, waiting, workload } from '../../testing/rollout-fixtures.js'
import type { ObservedPod } from '../rollout-observation.js'
import type { State } from '../state.js'
import { earlyPods } from './early-pods.js'

const probes = [{ kind: 'tcp' as const, port: 80, timeout: 1000 }]
const ofSet = (uid: string) => ({ kind: 'ReplicaSet', name: uid, uid })
const starting: Partial<ObservedPod> = { ready: false, nodeName: 'node', probes, owner: ofSet('second') }
const init = { init: true, name: 'init' }

const stateOf = (over: Partial<ObservedPod>) =>
  ({
    observed: {
      pods: { x: pod('x', { ...starting, ...over }) },
      replicaSets: { first: { revision: 1, ownerUid: 'tour' }, second: { revision: 2, ownerUid: 'tour' } },
      workloads: {
        rolling: workload('StatefulSet', { uid: 'rolling', currentRevision: 'a', updateRevision: 'b' }),
        resting: workload('StatefulSet', { uid: 'resting', currentRevision: 'a', updateRevision: 'a' }),
      },
    },
  }) as unknown as State

const set = (uid: string) => ({ owner: { kind: 'StatefulSet', name: uid, uid } })
const one = (over: object) => ({ containers: [container(over)] })

test.each<[string, Partial<ObservedPod>, string | false]>([
  ['a pod of a later revision', {}, 'tour'],
  [
    'one whose container is being made',
    { phase: 'Pending', ...one({ state: waiting('ContainerCreating') }) },
    'tour',
  ],
  [
    'one whose init container is over',
    { containers: [container({ ...init, state: terminated(0) }), container()] },
    'tour',
  ],
  ['one of the first revision', { owner: ofSet('first') }, false],
  ['one of a StatefulSet that rolls', set('rolling'), 'rolling'],
  ['one of a StatefulSet that does not', set('resting'), false],
  ['one that nobody made', { owner: ofSet('gone') }, false],
  ['one without a node', { nodeName: undefined as never }, false],
  ['one that is ready', { ready: true }, false],
  ['one that ends', { deleting: true }, false],
  ['one that answers already', { answers: true }, false],
  ['one that has failed', { phase: 'Failed' }, false],
  ['one that started again', one({ restarts: 1, state: running() }), false],
  ['one that crashes', one({ state: waiting('CrashLoopBackOff') }), false],
  ['one that ended', one({ state: terminated(0) }), false],
  ['one whose init container failed', { containers: [container({ ...init, state: terminated(1) })] }, false],
])('%s', (_, over, expected) => {
  const found = earlyPods(stateOf(over))
  const pods =
    expected === false ? [] : [{ uid: 'uid-x', workload: expected, namespace: 'shop', pod: 'x', probes }]
  expect(found).toEqual(pods)
})
