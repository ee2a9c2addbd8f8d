import { setMaxListeners } from 'node:events'
import type { Observation } from '../core/rollout-observation.js'
import type { ClusterObserver } from '../ports/cluster.js'
import type { Store } from './store.js'

/** Watches the namespaces that the manifests use, from the moment the cluster is known. */
export interface ClusterWatch {
  refresh(): void
  stop(): void
}

export function watchCluster(store: Store, observer: ClusterObserver): ClusterWatch {
  let abort = manyListeners()
  let isStopped = false
  let uid: string | undefined
  const observed = new Set<string>()
  const links = new Map<string, boolean>()
  let gathered: Observation[] = []

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
      const { cluster, objects } = store.getState()
      if (cluster.kind !== 'connected' || isStopped) return
      // All that was seen is forgotten with the cluster, also what the new one showed before it was known as such: see it again.
      if (uid !== undefined && uid !== cluster.uid) {
        abort.abort()
        abort = manyListeners()
        observed.clear()
        links.clear()
        gathered = []
      }
      uid = cluster.uid
      for (const { linked } of Object.values(objects)) {
        const { namespace } = linked.ref
        if (namespace === undefined || observed.has(namespace)) continue
        observed.add(namespace)
        observer.observe(namespace, sinkOf(namespace, abort.signal), abort.signal)
      }
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
