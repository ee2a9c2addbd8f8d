import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import { observeEvent } from './observe-event.js'
import { observePod } from './observe-pod.js'
import { observeReplicaSet } from './observe-replica-set.js'
import { observeWorkload } from './observe-workload.js'

const metadata = {
  name: 'tour',
  namespace: 'shop',
  uid: '7e3533e7-0385-442a-b813-7e0719fb0d33',
  generation: 3,
  creationTimestamp: '2026-11-21T03:52:26Z',
}
const template = {
  spec: {
    initContainers: [{ name: 'migrate', image: 'shop/migrate:2' }],
    containers: [
      { name: 'app', image: 'shop/tour:9' },
      { name: 'proxy', image: 'envoy:1' },
    ],
  },
}
const images = { migrate: 'shop/migrate:2', app: 'shop/tour:9', proxy: 'envoy:1' }

describe('observeWorkload', () => {
  test('Deployment', () => {
    const seen = observeWorkload({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { ...metadata, annotations: { 'deployment.kubernetes.io/revision': '12' } },
      spec: {
        replicas: 4,
        paused: true,
        progressDeadlineSeconds: 30,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } },
        template,
      },
      status: {
        observedGeneration: 2,
        replicas: 5,
        updatedReplicas: 2,
        readyReplicas: 3,
        availableReplicas: 1,
        unavailableReplicas: 4,
        conditions: [
          {
            type: 'Progressing',
            status: 'False',
            reason: 'ProgressDeadlineExceeded',
            message: 'ReplicaSet "tour-1" has timed out progressing.',
            lastTransitionTime: '2026-11-21T03:53:00Z',
            lastUpdateTime: '2026-11-21T03:54:00Z',
          },
        ],
      },
    })
    expect(seen).toEqual({
      key: 'apps/Deployment/shop/tour',
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      namespace: 'shop',
      name: 'tour',
      uid: metadata.uid,
      generation: 3,
      observedGeneration: 2,
      replicas: 4,
      desiredReplicas: 4,
      totalReplicas: 5,
      updatedReplicas: 2,
      readyReplicas: 3,
      availableReplicas: 1,
      partition: 0,
      updateStrategy: 'RollingUpdate',
      paused: true,
      revision: 12,
      progressDeadlineSeconds: 30,
      conditions: [
        {
          type: 'Progressing',
          status: 'False',
          reason: 'ProgressDeadlineExceeded',
          message: 'ReplicaSet "tour-1" has timed out progressing.',
          lastUpdateTime: '2026-11-21T03:54:00Z',
        },
      ],
      images,
      deleting: false,
    })
  })

  test.each<[string, KubeObject, object]>([
    [
      'a StatefulSet with a partition',
      {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata,
        spec: {
          replicas: 3,
          template,
          updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } },
        },
        status: {
          observedGeneration: 3,
          replicas: 3,
          readyReplicas: 2,
          updatedReplicas: 1,
          availableReplicas: 2,
          currentRevision: 'tour-5d8c',
          updateRevision: 'tour-77b4',
        },
      },
      {
        key: 'apps/StatefulSet/shop/tour',
        partition: 2,
        updateStrategy: 'RollingUpdate',
        currentRevision: 'tour-5d8c',
        updateRevision: 'tour-77b4',
        desiredReplicas: 3,
        totalReplicas: 3,
        updatedReplicas: 1,
      },
    ],
    [
      'a DaemonSet, whose counts are those of its nodes',
      {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { ...metadata, annotations: { 'deprecated.daemonset.template.generation': '4' } },
        spec: { template, updateStrategy: { type: 'OnDelete' } },
        status: {
          currentNumberScheduled: 2,
          desiredNumberScheduled: 3,
          numberMisscheduled: 1,
          numberReady: 2,
          updatedNumberScheduled: 1,
          numberAvailable: 1,
          observedGeneration: 3,
        },
      },
      {
        desiredReplicas: 3,
        totalReplicas: 3,
        updatedReplicas: 1,
        readyReplicas: 2,
        availableReplicas: 1,
        updateStrategy: 'OnDelete',
        revision: 4,
      },
    ],
    [
      'a Job half done, which has no observedGeneration',
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata,
        spec: { completions: 5, parallelism: 2, suspend: false, template },
        status: { active: 2, ready: 1, succeeded: 2, failed: 1 },
      },
      {
        key: 'batch/Job/shop/tour',
        observedGeneration: 3,
        replicas: 2,
        desiredReplicas: 5,
        totalReplicas: 2,
        updatedReplicas: 4,
        readyReplicas: 1,
        availableReplicas: 2,
        suspended: false,
        paused: false,
      },
    ],
    [
      'a suspended Job',
      { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { suspend: true, template }, status: {} },
      { suspended: true, desiredReplicas: 1, totalReplicas: 0 },
    ],
    [
      'a Deployment scaled to 0',
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: 0, template }, status: {} },
      { desiredReplicas: 0, totalReplicas: 0, observedGeneration: 0 },
    ],
    [
      'one that is being deleted, with no status yet and an unset count',
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { ...metadata, deletionTimestamp: '2026-11-21T04:00:00Z' },
        spec: { template },
      },
      { deleting: true, desiredReplicas: 1, readyReplicas: 0, conditions: [] },
    ],
  ])('%s', (_name, object, expected) => expect(observeWorkload(object)).toMatchObject(expected))
})

test('a Job of a CronJob knows who made it', () => {
  const cronJob = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'nightly', uid: 'c', controller: true }
  const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { ...metadata, ownerReferences: [cronJob] } }
  expect(observeWorkload(job).owner).toEqual({ apiVersion: 'batch/v1', kind: 'CronJob', name: 'nightly' })
})

describe('observePod', () => {
  const pod = (spec: object, status: object, meta: object = {}): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, ...meta },
    spec,
    status,
  })

  test('a pod in a crash loop behind a finished init container and a sidecar', () => {
    const seen = observePod(
      pod(
        {
          nodeName: 'dev-control-plane',
          restartPolicy: 'Always',
          initContainers: [
            { name: 'migrate', image: 'shop/migrate:2' },
            { name: 'mesh', image: 'mesh:1', restartPolicy: 'Always' },
          ],
          containers: [{ name: 'app', image: 'shop/tour:9' }],
        },
        {
          phase: 'Running',
          conditions: [
            { type: 'PodScheduled', status: 'True' },
            { type: 'Ready', status: 'False', reason: 'ContainersNotReady' },
          ],
          initContainerStatuses: [
            // In another order than the spec's.
            {
              name: 'mesh',
              ready: true,
              started: true,
              restartCount: 0,
              containerID: 'containerd://aa',
              image: 'docker.io/library/mesh:1',
              state: { running: { startedAt: '2026-11-21T03:52:30Z' } },
              lastState: {},
            },
            {
              name: 'migrate',
              ready: true,
              started: false,
              restartCount: 0,
              containerID: 'containerd://bb',
              state: { terminated: { exitCode: 0, reason: 'Completed', containerID: 'containerd://bb' } },
            },
          ],
          containerStatuses: [
            {
              name: 'app',
              ready: false,
              started: false,
              restartCount: 3,
              containerID: 'containerd://cc',
              state: {
                waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s restarting failed container' },
              },
              lastState: {
                terminated: {
                  exitCode: 137,
                  signal: 9,
                  reason: 'OOMKilled',
                  startedAt: '2026-11-21T03:53:00Z',
                  finishedAt: '2026-11-21T03:53:01Z',
                  containerID: 'containerd://cc',
                },
              },
            },
          ],
        },
        {
          labels: { app: 'tour', 'pod-template-hash': '5d8c' },
          ownerReferences: [
            { apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'other' },
            { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'tour-5d8c', uid: 'rs', controller: true },
          ],
        },
      ),
    )
    expect(seen).toEqual({
      uid: metadata.uid,
      namespace: 'shop',
      name: 'tour',
      phase: 'Running',
      nodeName: 'dev-control-plane',
      createdAt: '2026-11-21T03:52:26Z',
      ready: false,
      deleting: false,
      labels: { app: 'tour', 'pod-template-hash': '5d8c' },
      owner: { kind: 'ReplicaSet', name: 'tour-5d8c', uid: 'rs' },
      restartPolicy: 'Always',
      containers: [
        {
          name: 'migrate',
          image: 'shop/migrate:2',
          init: true,
          sidecar: false,
          ready: true,
          started: false,
          restarts: 0,
          containerId: 'bb',
          state: { kind: 'terminated', exitCode: 0, reason: 'Completed', message: '', containerId: 'bb' },
        },
        {
          name: 'mesh',
          image: 'mesh:1',
          init: true,
          sidecar: true,
          ready: true,
          started: true,
          restarts: 0,
          containerId: 'aa',
          state: { kind: 'running', startedAt: '2026-11-21T03:52:30Z' },
        },
        {
          name: 'app',
          image: 'shop/tour:9',
          init: false,
          sidecar: false,
          ready: false,
          started: false,
          restarts: 3,
          containerId: 'cc',
          state: {
            kind: 'waiting',
            reason: 'CrashLoopBackOff',
            message: 'back-off 40s restarting failed container',
          },
          lastTermination: {
            exitCode: 137,
            signal: 9,
            reason: 'OOMKilled',
            message: '',
            startedAt: '2026-11-21T03:53:00Z',
            finishedAt: '2026-11-21T03:53:01Z',
            containerId: 'cc',
          },
        },
      ],
    })
  })

  const spec = { containers: [{ name: 'app', image: 'shop/tour:9' }] }
  test.each<[string, KubeObject, object]>([
    [
      'unscheduled: the scheduler’s words, and containers that wait without a reason',
      pod(spec, {
        phase: 'Pending',
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '0/1 nodes are available: 1 Insufficient cpu.',
          },
        ],
      }),
      {
        unschedulable: '0/1 nodes are available: 1 Insufficient cpu.',
        ready: false,
        containers: [{ state: { kind: 'waiting', reason: '', message: '' }, started: false }],
      },
    ],
    [
      'ready and on its way out',
      pod(
        spec,
        { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
        { deletionTimestamp: '2026-11-21T04:00:00Z' },
      ),
      { ready: true, deleting: true },
    ],
    [
      'with a default container',
      pod(spec, {}, { annotations: { 'kubectl.kubernetes.io/default-container': 'app' } }),
      { defaultContainer: 'app' },
    ],
    [
      'evicted',
      pod(spec, {
        phase: 'Failed',
        reason: 'Evicted',
        message: 'The node was low on resource: memory.',
      }),
      { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' },
    ],
  ])('%s', (_name, object, expected) => expect(observePod(object)).toMatchObject(expected))
})

test('observeReplicaSet ties a revision to its Deployment', () => {
  expect(
    observeReplicaSet({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        ...metadata,
        name: 'tour-5d8c',
        annotations: { 'deployment.kubernetes.io/revision': '7' },
        labels: { 'pod-template-hash': '5d8c' },
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'Deployment', name: 'tour', uid: 'd', controller: true },
        ],
      },
      spec: { replicas: 2, template },
      status: { replicas: 1 },
    }),
  ).toEqual({
    uid: metadata.uid,
    namespace: 'shop',
    name: 'tour-5d8c',
    ownerUid: 'd',
    revision: 7,
    podTemplateHash: '5d8c',
    replicas: 1,
    images,
  })
})

describe('observeEvent', () => {
  const event = (over: object): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { ...metadata, name: 'tour.18b0' },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'tour-x', uid: 'p' },
    type: 'Warning',
    reason: 'Unhealthy',
    message: 'Readiness probe failed: HTTP probe failed with statuscode: 503',
    ...over,
  })

  test.each<[string, object, { count: number; lastSeen: string }]>([
    [
      'an old recorder',
      {
        count: 4,
        firstTimestamp: '2026-11-21T03:53:00Z',
        lastTimestamp: '2026-11-21T03:55:00Z',
        eventTime: null,
      },
      { count: 4, lastSeen: '2026-11-21T03:55:00Z' },
    ],
    [
      'a single event of a new recorder',
      { firstTimestamp: null, lastTimestamp: null, eventTime: '2026-11-21T03:53:00.123456Z' },
      { count: 1, lastSeen: '2026-11-21T03:53:00.123456Z' },
    ],
    [
      'a series of a new recorder',
      {
        lastTimestamp: null,
        eventTime: '2026-11-21T03:53:00.123456Z',
        series: { count: 9, lastObservedTime: '2026-11-21T03:59:00.5Z' },
      },
      { count: 9, lastSeen: '2026-11-21T03:59:00.5Z' },
    ],
    ['no time of its own', {}, { count: 1, lastSeen: '2026-11-21T03:52:26Z' }],
  ])('%s', (_name, over, expected) => {
    expect(observeEvent(event(over))).toEqual({
      type: 'Warning',
      reason: 'Unhealthy',
      message: 'Readiness probe failed: HTTP probe failed with statuscode: 503',
      involved: { kind: 'Pod', namespace: 'shop', name: 'tour-x', uid: 'p' },
      ...expected,
    })
  })
})
