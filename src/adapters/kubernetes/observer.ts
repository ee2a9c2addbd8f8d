import type { KubeObject } from '../../core/kube-object.js'
import { observeEvent } from '../../core/observe/observe-event.js'
import { observePod } from '../../core/observe/observe-pod.js'
import { observeReplicaSet } from '../../core/observe/observe-replica-set.js'
import { observeWorkload } from '../../core/observe/observe-workload.js'
import { workloadGone } from '../../core/observe/workload-gone.js'
import type { Observation } from '../../core/rollout-observation.js'
import type { ClusterObserver } from '../../ports/cluster.js'
import type { KubeHttp } from './http-client.js'
import { watchKind } from './watch-kind.js'

interface ObservedKind {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  readonly seen: (object: KubeObject) => Observation
  /** Undefined where it does not matter: Events go when they expire. */
  readonly gone: (object: KubeObject) => Observation | undefined
}

const workload = {
  seen: (object: KubeObject): Observation => ({ type: 'workload', workload: observeWorkload(object) }),
  gone: workloadGone,
}

const observedKinds: readonly ObservedKind[] = [
  { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', ...workload },
  { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets', ...workload },
  { apiVersion: 'apps/v1', kind: 'DaemonSet', plural: 'daemonsets', ...workload },
  { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs', ...workload },
  {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    plural: 'replicasets',
    seen: object => ({ type: 'replica-set', replicaSet: observeReplicaSet(object) }),
    gone: ({ metadata }) => ({ type: 'replica-set-gone', uid: metadata.uid ?? '' }),
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    plural: 'pods',
    seen: object => ({ type: 'pod', pod: observePod(object) }),
    gone: ({ metadata: { uid = '', namespace = '', name } }) => ({ type: 'pod-gone', uid, namespace, name }),
  },
  {
    apiVersion: 'v1',
    kind: 'Event',
    plural: 'events',
    seen: object => ({ type: 'event', event: observeEvent(object) }),
    gone: () => undefined,
  },
]

/** Watches one kind per connection. The kubeconfig is read again by `http` whenever the server cannot be reached, so a cluster that was made anew is found. */
export function createObserver({ http }: { readonly http: KubeHttp }): ClusterObserver {
  const cuts = new Set<() => void>()
  return {
    redial() {
      // Idle connections went the same way; a watch on one of them would wait for its answer.
      http.close()
      for (const cut of [...cuts]) cut()
    },
    follow({ apiVersion, kind, plural }, seen, signal) {
      const root = apiVersion.includes('/') ? '/apis' : '/api'
      const nothing = () => {}
      void watchKind({
        http,
        cuts,
        path: `${root}/${apiVersion}/${plural}`,
        apiVersion,
        kind,
        signal,
        metadataOnly: true,
        seen: ({ metadata }) => {
          if (!signal.aborted) seen(metadata.name)
        },
        gone: nothing,
        listed: nothing,
        up: nothing,
        down: nothing,
        refused: nothing,
      })
    },
    track({ apiVersion, kind, plural }, namespace, changed, signal) {
      const root = apiVersion.includes('/') ? '/apis' : '/api'
      const present = new Map<string, KubeObject>()
      let isListed = false
      let isDue = false
      // A list of a hundred objects is one change.
      const tell = (): void => {
        if (!isListed || isDue) return
        isDue = true
        setImmediate(() => {
          isDue = false
          if (!signal.aborted) changed([...present.values()])
        })
      }
      const nothing = () => {}
      void watchKind({
        http,
        cuts,
        path: `${root}/${apiVersion}/namespaces/${encodeURIComponent(namespace)}/${plural}`,
        apiVersion,
        kind,
        signal,
        seen: object => {
          present.set(object.metadata.uid ?? '', object)
          tell()
        },
        gone: object => {
          present.delete(object.metadata.uid ?? '')
          tell()
        },
        listed: () => {
          // Every list is the first one to a watch that was refused before.
          isListed = true
          tell()
        },
        up: nothing,
        down: nothing,
        refused: nothing,
      })
    },
    observe(namespace, sink, signal) {
      const unlisted = new Set(observedKinds.map(({ kind }) => kind))
      const lost = new Set<string>()
      const refused = new Set<string>()
      const emit = (observation: Observation): void => {
        if (!signal.aborted) sink(observation)
      }
      for (const { apiVersion, kind, plural, seen, gone } of observedKinds) {
        const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`
        void watchKind({
          http,
          cuts,
          path: `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`,
          apiVersion,
          kind,
          signal,
          seen: object => emit(seen(object)),
          gone: object => {
            const observation = gone(object)
            if (observation !== undefined) emit(observation)
          },
          listed: () => {
            if (unlisted.delete(kind) && unlisted.size === 0) emit({ type: 'synced', namespace })
          },
          up: () => {
            if (lost.delete(kind) && lost.size === 0) {
              emit({ type: 'connection', up: true, message: 'The API server answers again.' })
            }
          },
          down: message => {
            const first = lost.size === 0
            lost.add(kind)
            if (first) emit({ type: 'connection', up: false, message })
          },
          refused: message => {
            if (refused.has(kind)) return
            refused.add(kind)
            emit({ type: 'connection', up: lost.size === 0, message: `${kind}s cannot be seen: ${message}` })
          },
        })
      }
    },
  }
}
