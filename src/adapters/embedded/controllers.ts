import { isDeepStrictEqual } from 'node:util'
import { decideDeployment } from '../../core/embedded/decide-deployment.js'
import { decideJob } from '../../core/embedded/decide-job.js'
import { decideDaemonSet, decideStatefulSet } from '../../core/embedded/decide-set.js'
import type { Action, Decision, WorkloadView } from '../../core/embedded/decision.js'
import type { KubeObject } from '../../core/kube-object.js'
import { fieldsOf } from '../../core/manifest/fields.js'
import type { Clock } from '../../ports/clock.js'
import type { Deletion } from './deletion.js'
import type { ObjectStore } from './object-store.js'

const APPS = 'apps/v1'
const decide: Readonly<Record<string, (view: WorkloadView) => Decision>> = {
  Deployment: decideDeployment,
  StatefulSet: decideStatefulSet,
  DaemonSet: decideDaemonSet,
  Job: decideJob,
}
const WORKLOADS = [
  { apiVersion: APPS, kind: 'Deployment' },
  { apiVersion: APPS, kind: 'StatefulSet' },
  { apiVersion: APPS, kind: 'DaemonSet' },
  { apiVersion: 'batch/v1', kind: 'Job' },
] as const
const WATCHED: readonly string[] = ['ReplicaSet', 'ControllerRevision', 'Pod', ...Object.keys(decide)]

/** A cluster that comes to rest does so in a few rounds; one that never does is a defect. */
const MOST_ROUNDS = 50

/** Makes pods of workloads, and says how they are: after every change, until there is nothing left to do. */
export function runControllers(options: {
  readonly store: ObjectStore
  readonly deletion: Deletion
  readonly clock: Clock
}): { stop(): void } {
  const { store, deletion, clock } = options
  let isScheduled = false
  let isStopped = false
  let cancelWake = (): void => {}

  const act = (action: Action): void => {
    switch (action.type) {
      case 'create':
        store.create(action.object)
        return
      case 'delete':
        deletion.request(action.object, 'Background')
        return
      case 'update':
        store.update(action.object, present => updated(present, action))
    }
  }

  const round = (): number | undefined => {
    const wakes: number[] = []
    for (const kind of WORKLOADS) {
      for (const { metadata } of store.list(kind)) {
        const { namespace, name } = metadata
        // What an earlier one of this round changed is seen by the later ones.
        const workload = store.get({ ...kind, name, ...(namespace === undefined ? {} : { namespace }) })
        if (workload === undefined) continue
        const decision = decide[kind.kind]?.(viewOf(workload, namespace))
        for (const action of decision?.actions ?? []) act(action)
        if (decision?.wakeAt !== undefined) wakes.push(decision.wakeAt)
      }
    }
    return wakes.length === 0 ? undefined : Math.min(...wakes)
  }

  const viewOf = (workload: KubeObject, namespace: string | undefined): WorkloadView => ({
    workload,
    replicaSets: store.list({ apiVersion: APPS, kind: 'ReplicaSet' }, namespace),
    pods: store.list({ apiVersion: 'v1', kind: 'Pod' }, namespace),
    revisions: store.list({ apiVersion: APPS, kind: 'ControllerRevision' }, namespace),
    now: clock.now(),
  })

  let changes = 0
  const run = (): void => {
    isScheduled = false
    if (isStopped) return
    cancelWake()
    cancelWake = () => {}
    for (let rounds = 0; ; rounds++) {
      if (rounds === MOST_ROUNDS)
        throw new Error('the controllers of the embedded cluster do not come to rest')
      const before = changes
      const wakeAt = round()
      if (changes !== before) continue
      if (wakeAt !== undefined)
        cancelWake = clock.after(Math.max(0, Math.min(wakeAt - clock.now(), LONGEST_TIMER)), schedule)
      return
    }
  }
  const schedule = (): void => {
    if (isScheduled || isStopped) return
    isScheduled = true
    queueMicrotask(run)
  }
  const off = store.subscribe(({ object }) => {
    if (!WATCHED.includes(object.kind)) return
    changes++
    schedule()
  })
  return {
    stop: () => {
      isStopped = true
      cancelWake()
      off()
    },
  }
}

/** What a timer of Node can wait at most, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1

function updated(
  present: KubeObject,
  { status, annotations, replicas }: Extract<Action, { type: 'update' }>,
): KubeObject {
  const spec = fieldsOf(present.spec)
  const isScaled = replicas !== undefined && spec.replicas !== replicas
  const merged = { ...present.metadata.annotations, ...annotations }
  const isMarked = annotations !== undefined && !isDeepStrictEqual(merged, present.metadata.annotations ?? {})
  return {
    ...present,
    ...(isScaled ? { spec: { ...spec, replicas } } : {}),
    metadata: isMarked ? { ...present.metadata, annotations: merged } : present.metadata,
    ...(status === undefined ? {} : { status: { ...fieldsOf(present.status), ...status } }),
  }
}
