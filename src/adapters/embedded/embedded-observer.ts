import { apiGroup } from '../../core/kube-object.js'
import { observeEvent } from '../../core/observe/observe-event.js'
import { observePod } from '../../core/observe/observe-pod.js'
import { observeReplicaSet } from '../../core/observe/observe-replica-set.js'
import { observeWorkload } from '../../core/observe/observe-workload.js'
import { workloadGone } from '../../core/observe/workload-gone.js'
import type { Observation } from '../../core/rollout-observation.js'
import type { ClusterObserver } from '../../ports/cluster.js'
import type { ObjectStore, StoreChange } from './object-store.js'

/** Sees the objects of an embedded cluster as they change. Its connection is never lost. */
export function createEmbeddedObserver(store: ObjectStore): ClusterObserver {
  const follow = (sink: (change: StoreChange) => void, signal: AbortSignal): void => {
    if (signal.aborted) return
    const off = store.subscribe(change => {
      if (!signal.aborted) sink(change)
    })
    signal.addEventListener('abort', off, { once: true })
  }
  return {
    observe(namespace, sink, signal) {
      const see = (change: StoreChange): void => {
        if (change.object.metadata.namespace !== namespace) return
        const observation = observationOf(change)
        if (observation !== undefined) sink(observation)
      }
      follow(see, signal)
      // What is there is told as an API server would: after the call, and before any change.
      for (const object of store.all()) see({ type: 'set', object })
      if (!signal.aborted) sink({ type: 'synced', namespace })
    },
    follow({ apiVersion, kind }, seen, signal) {
      follow(({ type, object }) => {
        if (type === 'set' && object.apiVersion === apiVersion && object.kind === kind)
          seen(object.metadata.name)
      }, signal)
      for (const { metadata } of store.list({ apiVersion, kind })) seen(metadata.name)
    },
    track({ apiVersion, kind }, namespace, changed, signal) {
      let isDue = false
      // What is applied at a time is one change.
      const tell = (): void => {
        if (isDue) return
        isDue = true
        setImmediate(() => {
          isDue = false
          if (!signal.aborted) changed(store.list({ apiVersion, kind }, namespace))
        })
      }
      follow(({ object }) => {
        if (object.kind !== kind || object.metadata.namespace !== namespace) return
        if (apiGroup(object.apiVersion) === apiGroup(apiVersion)) tell()
      }, signal)
      tell()
    },
  }
}

function observationOf({ type, object }: StoreChange): Observation | undefined {
  const isGone = type === 'gone'
  const { uid = '', namespace = '', name } = object.metadata
  switch (`${object.apiVersion} ${object.kind}`) {
    case 'apps/v1 Deployment':
    case 'apps/v1 StatefulSet':
    case 'apps/v1 DaemonSet':
    case 'batch/v1 Job':
      return isGone ? workloadGone(object) : { type: 'workload', workload: observeWorkload(object) }
    case 'apps/v1 ReplicaSet':
      return isGone
        ? { type: 'replica-set-gone', uid }
        : { type: 'replica-set', replicaSet: observeReplicaSet(object) }
    case 'v1 Pod':
      return isGone ? { type: 'pod-gone', uid, namespace, name } : { type: 'pod', pod: observePod(object) }
    case 'v1 Event':
      return isGone ? undefined : { type: 'event', event: observeEvent(object) }
    default:
      return undefined
  }
}
