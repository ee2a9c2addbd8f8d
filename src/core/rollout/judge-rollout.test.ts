import { describe, expect, test } from 'vitest'
import {
  after,
  broken,
  container,
  event,
  input,
  pod,
  running,
  starting,
  terminated,
  waiting,
  workload,
} from '../../testing/rollout-fixtures.js'
import { deadlineOf } from './deadline-of.js'
import { judgeRollout, type RolloutInput } from './judge-rollout.js'

const old = (name: string, over = {}) =>
  pod(name, { owner: { kind: 'ReplicaSet', name: 'rs', uid: 'rs-old' }, ...over })
const own = (kind: string, name: string, hash: string, over = {}) =>
  pod(name, {
    owner: { kind, name: 'tour', uid: 'w' },
    labels: { 'controller-revision-hash': hash },
    ...over,
  })
const daemon = (name: string, generation: string, hash: string) =>
  pod(name, {
    owner: { kind: 'DaemonSet', name: 'tour', uid: 'w' },
    labels: { 'controller-revision-hash': hash, 'pod-template-generation': generation },
  })
const revisions = { currentRevision: 'b', updateRevision: 'b' }
const exceeded = (seconds: number) => ({
  type: 'Progressing',
  status: 'False',
  reason: 'ProgressDeadlineExceeded',
  message: 'ReplicaSet "rs-new" has timed out progressing.',
  lastUpdateTime: after(seconds),
})

const kinds: readonly (readonly [string, RolloutInput, string, object?])[] = [
  ['not seen yet', { ...input(workload('Deployment'), []), workload: undefined }, 'waiting'],
  [
    'the controller is behind',
    input(workload('Deployment', { observedGeneration: 1 }), [pod('a')]),
    'waiting',
  ],
  ['another object of the name', input(workload('Deployment', { uid: 'x' }), [pod('a')]), 'waiting'],
  ['the new pod is ready', input(workload('Deployment'), [pod('a')]), 'done', { ready: 1, desired: 1 }],
  [
    'an old pod still serves',
    input(workload('Deployment'), [pod('a'), old('o')]),
    'progressing',
    { oldEndpoints: 1 },
  ],
  ['an old pod terminates', input(workload('Deployment'), [pod('a'), old('o', { deleting: true })]), 'done'],
  ['counts say done, the pod is not seen', input(workload('Deployment'), []), 'progressing'],
  [
    'the newest ReplicaSet is not seen',
    input(workload('Deployment', { revision: 3 }), [pod('a')]),
    'progressing',
    { ready: 0, oldEndpoints: 1 },
  ],
  [
    'minReadySeconds has not passed',
    input(workload('Deployment', { availableReplicas: 0 }), [pod('a')]),
    'progressing',
  ],
  ['0 replicas', input(workload('Deployment', { desiredReplicas: 0 }), []), 'done', { desired: 0 }],
  [
    '0 replicas, an old pod still serves',
    input(workload('Deployment', { desiredReplicas: 0 }), [old('o')]),
    'progressing',
  ],
  [
    'paused',
    input(workload('Deployment', { paused: true, updatedReplicas: 0 }), [old('o')]),
    'held',
    { reason: 'paused' },
  ],
  ['paused after it was done', input(workload('Deployment', { paused: true }), [pod('a')]), 'done'],
  ['StatefulSet', input(workload('StatefulSet', revisions), [own('StatefulSet', 'web-0', 'b')]), 'done'],
  [
    'StatefulSet whose current revision lags',
    input(workload('StatefulSet', { ...revisions, currentRevision: 'a' }), [
      own('StatefulSet', 'web-0', 'b'),
    ]),
    'progressing',
  ],
  [
    'partition',
    input(
      workload('StatefulSet', {
        ...revisions,
        currentRevision: 'a',
        desiredReplicas: 2,
        updatedReplicas: 1,
        partition: 1,
      }),
      [own('StatefulSet', 'web-0', 'a'), own('StatefulSet', 'web-1', 'b')],
    ),
    'done',
  ],
  [
    'partition above the replicas',
    input(workload('StatefulSet', { ...revisions, currentRevision: 'a', updatedReplicas: 0, partition: 5 }), [
      own('StatefulSet', 'web-0', 'a'),
    ]),
    'done',
  ],
  [
    'OnDelete with old pods',
    input(workload('StatefulSet', { ...revisions, updateStrategy: 'OnDelete', updatedReplicas: 0 }), [
      own('StatefulSet', 'web-0', 'a'),
    ]),
    'held',
    { reason: 'on-delete' },
  ],
  [
    'OnDelete, all new; the current revision never moves',
    input(
      workload('StatefulSet', { currentRevision: 'a', updateRevision: 'b', updateStrategy: 'OnDelete' }),
      [own('StatefulSet', 'web-0', 'b')],
    ),
    'done',
  ],
  ['DaemonSet', input(workload('DaemonSet', { revision: 2 }), [daemon('d', '2', 'b')]), 'done'],
  [
    'DaemonSet with an old pod',
    input(starting('DaemonSet', { revision: 2, updatedReplicas: 0 }), [daemon('d', '1', 'a')]),
    'progressing',
    { updated: 0, oldEndpoints: 1 },
  ],
  ['DaemonSet for no node', input(workload('DaemonSet', { desiredReplicas: 0 }), []), 'done'],
  [
    'Job complete',
    input(workload('Job', { conditions: [{ type: 'Complete', status: 'True' }] }), []),
    'done',
  ],
  ['Job running', input(workload('Job'), [own('Job', 'j', '')]), 'progressing'],
  ['Job suspended', input(workload('Job', { suspended: true }), []), 'held', { reason: 'suspended' }],
  [
    'Job failed',
    input(
      workload('Job', {
        conditions: [
          {
            type: 'Failed',
            status: 'True',
            reason: 'BackoffLimitExceeded',
            message: 'Job has reached the specified backoff limit',
          },
        ],
      }),
      [
        own('Job', 'j', '', {
          ready: false,
          phase: 'Failed',
          containers: [container({ state: terminated(3) })],
        }),
      ],
    ),
    'failing',
    { final: true, problem: { reason: 'job-failed', exitCode: 3 } },
  ],
  ['Pod ready', input(undefined, [pod('p')]), 'done'],
  ['Pod succeeded', input(undefined, [pod('p', { phase: 'Succeeded', ready: false })]), 'done'],
  [
    'Pod failed',
    input(undefined, [
      pod('p', { phase: 'Failed', ready: false, containers: [container({ state: terminated(2) })] }),
    ]),
    'failing',
    { final: true, problem: { workload: 'pod/tour', exitCode: 2 } },
  ],
]

describe('done, waiting, held', () => {
  const cases = kinds.map(([name, given, kind, more = {}]) => ({ name, given, kind, more }))
  test.each(cases)('$name', ({ given, kind, more }) => {
    expect(judgeRollout(given)).toMatchObject({ kind, ...more })
  })
})

const deployment = (...pods: Parameters<typeof input>[1]) => input(starting('Deployment'), pods)
const causes: readonly (readonly [string, RolloutInput, object])[] = [
  [
    'image',
    deployment(broken('a', { state: waiting('ErrImagePull', 'failed to pull: not found') })),
    { reason: 'image-pull', message: 'failed to pull: not found' },
  ],
  [
    'image, backing off: the same words',
    deployment(
      broken('a', {
        state: waiting(
          'ImagePullBackOff',
          'Back-off pulling image "shop/tour:1": ErrImagePull: failed to pull: not found',
        ),
      }),
    ),
    { reason: 'image-pull', message: 'failed to pull: not found' },
  ],
  [
    'crash loop',
    deployment(
      broken('a', {
        restarts: 2,
        state: waiting('CrashLoopBackOff', 'back-off 20s'),
        lastTermination: terminated(1),
      }),
    ),
    { reason: 'crash-loop', exitCode: 1, restarts: 2, message: 'exited with code 1, after 2 restarts' },
  ],
  [
    'first exit',
    deployment(broken('a', { state: terminated(127) })),
    { reason: 'container-exited', exitCode: 127 },
  ],
  [
    'exit 0 of a service',
    deployment(broken('a', { state: terminated(0) })),
    { reason: 'container-exited', exitCode: 0 },
  ],
  [
    'running again, not ready',
    deployment(broken('a', { restarts: 1, lastTermination: terminated(1) })),
    { reason: 'crash-loop' },
  ],
  [
    'out of memory',
    deployment(
      broken('a', {
        restarts: 1,
        state: waiting('CrashLoopBackOff'),
        lastTermination: terminated(137, 'OOMKilled'),
      }),
    ),
    { reason: 'out-of-memory', exitCode: 137 },
  ],
  [
    'start',
    deployment(broken('a', { state: waiting('RunContainerError', 'exec: "nope": not found') })),
    { reason: 'start-error', message: 'exec: "nope": not found' },
  ],
  [
    'start, in back-off',
    deployment(
      broken('a', {
        restarts: 1,
        state: waiting('CrashLoopBackOff'),
        lastTermination: terminated(128, 'StartError', 'exec: "nope"'),
      }),
    ),
    { reason: 'start-error' },
  ],
  [
    'config',
    deployment(broken('a', { state: waiting('CreateContainerConfigError', 'configmap "c" not found') })),
    { reason: 'config-error', message: 'configmap "c" not found' },
  ],
  [
    'init container',
    deployment(
      broken(
        'a',
        { name: 'migrate', init: true, state: terminated(1) },
        { state: waiting('PodInitializing') },
      ),
    ),
    { container: 'migrate' },
  ],
  [
    'init container out of memory with code 0',
    deployment(
      broken(
        'a',
        { name: 'migrate', init: true, state: terminated(0, 'OOMKilled') },
        { state: waiting('PodInitializing') },
      ),
    ),
    { container: 'migrate', reason: 'out-of-memory' },
  ],
  [
    'scheduler',
    deployment(
      pod('a', {
        ready: false,
        unschedulable: '0/1 nodes are available: 1 Insufficient cpu.',
        containers: [],
      }),
    ),
    { reason: 'unschedulable', message: '0/1 nodes are available: 1 Insufficient cpu.' },
  ],
  [
    'evicted',
    deployment(
      pod('a', {
        ready: false,
        phase: 'Failed',
        reason: 'Evicted',
        message: 'The node was low on resource: memory.',
      }),
    ),
    { reason: 'evicted' },
  ],
  [
    'quota by condition',
    input(
      starting('Deployment', {
        updatedReplicas: 0,
        conditions: [
          {
            type: 'ReplicaFailure',
            status: 'True',
            message:
              'pods "a" is forbidden: exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0',
          },
        ],
      }),
      [],
    ),
    {
      reason: 'quota',
      message: 'pods "a" is forbidden: exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0',
    },
  ],
  [
    'webhook by event, on several lines',
    input(
      starting('Deployment', { updatedReplicas: 0 }),
      [],
      [event('rs-new', 'FailedCreate', 'Error creating: admission webhook "w" denied the request: a\nb', 3)],
    ),
    { reason: 'denied', message: 'admission webhook "w" denied the request: a\nb' },
  ],
  [
    'volume',
    input(
      starting('Deployment'),
      [broken('a', { state: waiting('ContainerCreating') })],
      [event('uid-a', 'FailedMount', 'secret "s" not found', 3)],
    ),
    { reason: 'volume' },
  ],
  [
    'probe',
    input(
      starting('Deployment'),
      [pod('a', { ready: false })],
      [event('uid-a', 'Unhealthy', 'Readiness probe failed: HTTP 500', 20)],
    ),
    { reason: 'probe-failing', message: 'Readiness probe failed: HTTP 500' },
  ],
  [
    'of two pods the one that says more',
    deployment(pod('a', { ready: false, unschedulable: '0/1' }), broken('b', { state: terminated(1) })),
    { pod: 'b' },
  ],
]

describe('failing, shown at once and not final', () => {
  test.each(causes)('%s', (_name, given, problem) => {
    expect(judgeRollout(given)).toMatchObject({ kind: 'failing', final: false, problem })
  })
})

const neutral: readonly (readonly [string, RolloutInput])[] = [
  ['being created', deployment(broken('a', { state: waiting('ContainerCreating') }))],
  ['init runs', deployment(broken('a', { init: true }, { state: waiting('PodInitializing') }))],
  [
    'init was restarted and ended well',
    deployment(
      broken('a', { init: true, restarts: 1, state: terminated(0), lastTermination: terminated(1) }),
    ),
  ],
  ...[
    'failed to sync configmap cache: timed out waiting for the condition',
    'object "shop"/"kube-root-ca.crt" not registered',
    'failed to fetch token: serviceaccounts "default" is forbidden: node requested token bound to a pod scheduled on a different node',
    'failed to fetch PVC from API server: persistentvolumeclaims "c" is forbidden: User "system:node:n" cannot get resource: no relationship found between node \'n\' and this object',
  ].map((message): (typeof neutral)[number] => [
    `a kubelet that is not up to date: ${message.slice(0, 40)}`,
    input(
      starting('Deployment'),
      [broken('a', { state: waiting('ContainerCreating') })],
      [event('uid-a', 'FailedMount', message, 3)],
    ),
  ]),
  [
    'the probe fails in its first seconds',
    input(
      starting('Deployment'),
      [pod('a', { ready: false })],
      [event('uid-a', 'Unhealthy', 'Readiness probe failed', 8)],
    ),
  ],
  [
    'a probe of the instance before',
    input(
      starting('Deployment'),
      [broken('a', { state: running(30) })],
      [event('uid-a', 'Unhealthy', 'Liveness probe failed', 20)],
    ),
  ],
  [
    'an event from before the apply',
    input(
      starting('Deployment', { updatedReplicas: 0 }),
      [],
      [event('rs-new', 'FailedCreate', 'exceeded quota', -60)],
    ),
  ],
  [
    'a refusal before a pod was made',
    input(
      starting('Deployment', { desiredReplicas: 2 }),
      [pod('a', { createdAt: after(9) })],
      [event('rs-new', 'FailedCreate', 'exceeded quota', 5)],
    ),
  ],
  [
    'a broken pod on its way out',
    deployment(pod('a', { ...broken('a', { state: terminated(1) }), deleting: true })),
  ],
  [
    'a broken pod of the earlier revision',
    deployment(old('o', { ready: false, containers: [container({ state: terminated(1) })] })),
  ],
  [
    'a deadline from before the apply',
    input(starting('Deployment', { conditions: [exceeded(-30)] }), [pod('a', { ready: false })]),
  ],
]

test.each(neutral)('neutral: %s', (_name, given) => {
  expect(judgeRollout(given).kind).toBe('progressing')
})

test('the progress deadline is final, and says the cause where there is one', () => {
  const seen = starting('Deployment', { conditions: [exceeded(60)] })
  expect(judgeRollout(input(seen, [pod('a', { ready: false })]))).toMatchObject({
    final: true,
    problem: { reason: 'deadline' },
  })
  expect(judgeRollout(input(seen, [broken('a', { state: terminated(1) })]))).toMatchObject({
    final: true,
    problem: { exitCode: 1 },
  })
})

test.each([
  ['mount callback failed on /var/lib/containerd/tmpmounts/m1: no users found', 0, true],
  ['unable to find user node: no matching entries in passwd file', 0, true],
  ['exec: "nope": executable file not found in $PATH', 1, false],
  ['exec: "nope": executable file not found in $PATH', 2, true],
  ['exec: "/run.sh": permission denied', 3, true],
  ['error mounting "/data": device or resource busy', 9, false],
])('a start that failed with %j after %i restarts is final: %s', (message, restarts, final) => {
  const over = {
    restarts,
    state: waiting('CrashLoopBackOff'),
    lastTermination: terminated(128, 'StartError', message),
  }
  expect(judgeRollout(deployment(broken('a', over)))).toMatchObject({ kind: 'failing', final })
})

test.each([
  [9, 'progressing'],
  [12, 'failing'],
])('a claim that the scheduler does not know %i s after the pod was made: %s', (seconds, kind) => {
  const message = '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.'
  const waits = pod('a', { ready: false, unschedulable: message, containers: [] })
  const seen = input(starting('StatefulSet'), [
    { ...waits, owner: { kind: 'StatefulSet', name: 'tour', uid: 'w' } },
  ])
  expect(judgeRollout({ ...seen, at: Date.parse(after(seconds)) })).toMatchObject({ kind })
})

test('a probe hint vanishes with readiness', () => {
  const events = [event('uid-a', 'Unhealthy', 'Readiness probe failed', 20)]
  expect(judgeRollout(input(starting('Deployment'), [pod('a', { ready: false })], events)).kind).toBe(
    'failing',
  )
  expect(judgeRollout(input(workload('Deployment'), [pod('a')], events)).kind).toBe('done')
})

test('a service that crashes twice until its dependency answers', () => {
  const crash = { lastTermination: terminated(1) }
  const steps = [
    [broken('a', { state: waiting('ContainerCreating') })],
    [broken('a', { state: terminated(1) })],
    [broken('a', { state: running(3), restarts: 1, ...crash })],
    [broken('a', { state: waiting('CrashLoopBackOff'), restarts: 1, ...crash })],
    [broken('a', { state: running(20), restarts: 2, ...crash })],
  ].map(pods => judgeRollout(input(starting('Deployment'), pods)))
  expect(steps.map(({ kind }) => kind)).toEqual(['progressing', 'failing', 'failing', 'failing', 'failing'])
  const well = pod('a', { containers: [container({ ready: true, restarts: 2, ...crash })] })
  expect(judgeRollout(input(workload('Deployment'), [well])).kind).toBe('done')
})

test('a broken pod of the earlier revision blocks a StatefulSet', () => {
  const seen = starting('StatefulSet', { currentRevision: 'a', updateRevision: 'b', updatedReplicas: 0 })
  const stuck = own('StatefulSet', 'web-0', 'a', {
    ready: false,
    containers: [container({ state: terminated(1) })],
  })
  expect(judgeRollout(input(seen, [stuck]))).toMatchObject({
    kind: 'failing',
    final: false,
    blockedBy: { pod: 'web-0', podUid: 'uid-web-0' },
  })
})

test('the deadline is the workload’s own', () => {
  expect(deadlineOf(workload('Deployment', { progressDeadlineSeconds: 30 }))).toBe(30)
  expect(deadlineOf(workload('StatefulSet'))).toBe(600)
  expect(deadlineOf(workload('Deployment', { progressDeadlineSeconds: 2147483647 }))).toBeUndefined()
})
