import { type KubeObject, refKey, refOf } from '../../core/kube-object.js'
import { observeEvent } from '../../core/observe/observe-event.js'
import { observePod } from '../../core/observe/observe-pod.js'
import { observeReplicaSet } from '../../core/observe/observe-replica-set.js'
import { observeWorkload } from '../../core/observe/observe-workload.js'
import type { Observation } from '../../core/rollout-observation.js'
import type { ClusterObserver } from '../../ports/cluster.js'
import type { KubeHttp } from './http-client.js'
import { watchCollection } from './watch-collection.js'

interface WatchedKind {
  /** The collection's path up to its namespace, and its name. */
  readonly root: string
  readonly plural: string
  readonly seen: (object: KubeObject) => Observation
  readonly gone: (object: KubeObject) => Observation | undefined
}

const uidOf = (object: KubeObject): string => object.metadata.uid ?? ''

const workloadKind = (root: string, plural: string): WatchedKind => ({
  root,
  plural,
  seen: object => ({ type: 'workload', workload: observeWorkload(object) }),
  gone: object => ({ type: 'workload-gone', key: refKey(refOf(object)), uid: uidOf(object) }),
})

const WATCHED: readonly WatchedKind[] = [
  workloadKind('/apis/apps/v1', 'deployments'),
  workloadKind('/apis/apps/v1', 'statefulsets'),
  workloadKind('/apis/apps/v1', 'daemonsets'),
  workloadKind('/apis/batch/v1', 'jobs'),
  {
    root: '/apis/apps/v1',
    plural: 'replicasets',
    seen: object => ({ type: 'replica-set', replicaSet: observeReplicaSet(object) }),
    gone: object => ({ type: 'replica-set-gone', uid: uidOf(object) }),
  },
  {
    root: '/api/v1',
    plural: 'pods',
    seen: object => ({ type: 'pod', pod: observePod(object) }),
    gone: ({ metadata }) => ({
      type: 'pod-gone',
      uid: metadata.uid ?? '',
      namespace: metadata.namespace ?? '',
      name: metadata.name,
    }),
  },
  {
    root: '/api/v1',
    plural: 'events',
    seen: object => ({ type: 'event', event: observeEvent(object) }),
    gone: () => undefined,
  },
]

/** Sees the workloads of a namespace with their pods and events: one watch for each kind, nothing in between. */
export function createObserver({ http }: { readonly http: KubeHttp }): ClusterObserver {
  return {
    observe: (namespace, sink, signal) => {
      const listed = new Set<string>()
      const down = new Map<string, string>()
      let isSynced = false
      let isUp = true

      const tellLink = (): void => {
        const nowUp = down.size === 0
        if (nowUp === isUp) return
        isUp = nowUp
        sink({ type: 'connection', up: nowUp, message: [...down.values()][0] ?? '' })
      }

      for (const { root, plural, seen, gone } of WATCHED) {
        let isRefusalTold = false
        void watchCollection(
          http,
          `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`,
          {
            onObject: object => sink(seen(object)),
            onGone: object => {
              const observation = gone(object)
              if (observation !== undefined) sink(observation)
            },
            onListed: () => {
              listed.add(plural)
              if (isSynced || listed.size < WATCHED.length) return
              isSynced = true
              sink({ type: 'synced', namespace })
            },
            onLink: (up, message) => {
              if (up) down.delete(plural)
              else down.set(plural, message)
              tellLink()
            },
            onRefused: (status, message) => {
              if (isRefusalTold) return
              isRefusalTold = true
              sink({
                type: 'connection',
                up: true,
                message: `${plural} in ${namespace} cannot be watched (${status}): ${message}`,
              })
            },
          },
          signal,
        )
      }
    },
  }
}
