import { setMaxListeners } from 'node:events'
import type { PrerequisiteKind } from '../core/event.js'
import { awaitedKinds } from '../core/prerequisite.js'
import type { Observation } from '../core/rollout-observation.js'
import type { ClusterObserver, WatchedKind } from '../ports/cluster.js'
import type { Store } from './store.js'

/** Watches the namespaces that the manifests use, from the moment the cluster is known. */
export interface ClusterWatch {
  refresh(): void
  stop(): void
}

const prerequisites: { readonly [Kind in PrerequisiteKind]: WatchedKind } = {
  StorageClass: { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', plural: 'storageclasses' },
  CustomResourceDefinition: {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
  },
}

export function watchCluster(store: Store, observer: ClusterObserver): ClusterWatch {
  let abort = manyListeners()
  let isStopped = false
  let uid: string | undefined
  let looked: string | undefined
  const observed = new Set<string>()
  const links = new Map<string, boolean>()
  let gathered: Observation[] = []
  const followed = new Set<PrerequisiteKind>()

  // What was waited for once is followed to the end: a watch that began anew would show everything again, and have it tried again.
  const followPrerequisites = (): void => {
    for (const kind of awaitedKinds(store.getState())) {
      if (followed.has(kind)) continue
      followed.add(kind)
      const seen = (name: string) => store.dispatch({ type: 'prerequisite-seen', kind, name })
      observer.follow(prerequisites[kind], seen, abort.signal)
    }
  }

  // What the cluster says within one turn of the event loop is judged once: a list of a hundred pods is one event.
  const flush = (): void => {
    const observations = gathered
    gathered = []
    if (!isStopped && observations.length > 0) store.dispatch({ type: 'observed', observations })
  }

  const sinkOf = (namespace: string, signal: AbortSignal) => (observation: Observation) => {
    if (signal.aborted) return
    if (observation.type === 'connection') {
      const wasUp = [...links.values()].every(Boolean)
      links.set(namespace, observation.up)
      const isUp = [...links.values()].every(Boolean)
      if (isUp !== wasUp)
        store.dispatch({ type: 'connection-changed', up: isUp, message: observation.message })
      return
    }
    if (gathered.length === 0) setImmediate(flush)
    gathered.push(observation)
  }

  return {
    refresh: () => {
      const { cluster, objects, project } = store.getState()
      if (cluster.kind !== 'connected' || isStopped) return
      // All that was seen is forgotten with the cluster, also what the new one showed before it was known as such: see it again.
      if (uid !== undefined && uid !== cluster.uid) {
        abort.abort()
        abort = manyListeners()
        observed.clear()
        followed.clear()
        links.clear()
        gathered = []
      }
      uid = cluster.uid
      if (looked !== cluster.looked) {
        looked = cluster.looked
        if (looked !== undefined) observer.redial?.()
      }
      const forwarded = project.portForward.forwards.map(({ namespace }) => namespace)
      for (const namespace of [
        ...Object.values(objects).map(({ linked }) => linked.ref.namespace),
        ...forwarded,
      ]) {
        if (namespace === undefined || observed.has(namespace)) continue
        observed.add(namespace)
        observer.observe(namespace, sinkOf(namespace, abort.signal), abort.signal)
      }
      followPrerequisites()
    },
    stop: () => {
      isStopped = true
      abort.abort()
    },
  }
}

/** One listener for each watch of each namespace: many, and no leak. */
function manyListeners(): AbortController {
  const abort = new AbortController()
  setMaxListeners(0, abort.signal)
  return abort
}
