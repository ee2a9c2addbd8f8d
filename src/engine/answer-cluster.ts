import type { ClusterAsk } from '../core/embedded/cluster-ask.js'
import type { Observation } from '../core/rollout-observation.js'
import type { ClusterAccess } from '../ports/cluster-access.js'
import type { LogEvent } from '../ports/pod-logs.js'

/** Answers what another command asks of a cluster that is in this process's memory. */
export async function answerCluster(
  { cluster, observer, logs }: Pick<ClusterAccess, 'cluster' | 'observer' | 'logs'>,
  ask: ClusterAsk,
): Promise<unknown> {
  switch (ask.call) {
    case 'identity':
      return cluster.identity()
    case 'discover':
      return cluster.discover()
    case 'get':
      return cluster.get(ask.ref)
    case 'list': {
      const { kind, namespace } = ask
      const resource = { ...kind, plural: '', namespaced: true, verbs: [] }
      return cluster.list(resource, namespace === undefined ? {} : { namespace })
    }
    case 'dry-run': {
      const { object, fieldManager, force } = ask
      return cluster.apply(object, { fieldManager, force, dryRun: true })
    }
    case 'seen': {
      const observations: Observation[] = []
      const abort = new AbortController()
      observer.observe(ask.namespace, observation => observations.push(observation), abort.signal)
      abort.abort()
      return observations
    }
    case 'log': {
      const events: LogEvent[] = []
      const { source, since, from, lines } = ask
      await logs.follow(source, event => events.push(event), {
        signal: new AbortController().signal,
        snapshot: true,
        ...(since === undefined ? {} : { since }),
        ...(from === undefined ? {} : { from }),
        ...(lines === undefined ? {} : { lines }),
      })
      return events
    }
  }
}
