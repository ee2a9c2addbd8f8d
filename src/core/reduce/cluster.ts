import type { ClusterEvent } from '../event.js'
import { withLostImages } from '../load/lost-images.js'
import { waitsFor } from '../prerequisite.js'
import { nothingPruned } from '../prune/prune-state.js'
import { isFresh } from '../rollout/early-pods.js'
import type { Observation, ObservedEvent, ObservedPod } from '../rollout-observation.js'
import type { ConnectedCluster, ObjectState, Observed, State } from '../state.js'
import { withDeleted } from './deleted.js'
import { judgeAll } from './rollout.js'
import { newObject } from './update.js'

type Stamped<E> = E & { readonly at: number }

export function reduceCluster(state: State, event: Stamped<ClusterEvent>): State {
  const { cluster } = state
  switch (event.type) {
    case 'connect-started': {
      if (cluster.kind === 'connecting') return state
      const known = cluster.kind === 'connected' ? connectedOf(cluster) : cluster.known
      const attempts = cluster.kind === 'absent' ? cluster.attempts : 0
      return {
        ...state,
        cluster: { kind: 'connecting', run: event.run, message: undefined, attempts, known },
      }
    }
    case 'connect-progressed':
      return cluster.kind === 'connecting' && cluster.run === event.run
        ? { ...state, cluster: { ...cluster, message: event.message } }
        : state
    case 'connect-failed':
      if (cluster.kind !== 'connecting' || cluster.run !== event.run) return state
      return {
        ...state,
        cluster: {
          kind: 'absent',
          problem: event.problem.kind === 'cancelled' ? undefined : event.problem,
          attempts: cluster.attempts + 1,
          due: false,
          known: cluster.known,
        },
      }
    case 'cluster-connected': {
      if (cluster.kind !== 'connecting' || cluster.run !== event.run) return state
      const { context, uid, version, created, scopes } = event
      const kept = cluster.known === undefined || cluster.known.uid === uid ? state : forgetCluster(state)
      const scopesChanged = JSON.stringify(cluster.known?.scopes) !== JSON.stringify(scopes)
      return {
        ...kept,
        cluster: {
          kind: 'connected',
          context,
          uid,
          version,
          created,
          scopes,
          link: { up: true, message: '' },
        },
        prune: { ...kept.prune, due: kept.render.manifests !== undefined },
        // Which kinds live in a namespace is the cluster's word: link again with it.
        render: scopesChanged ? { ...kept.render, due: true } : kept.render,
      }
    }
    case 'connection-changed': {
      if (cluster.kind !== 'connected') return state
      if (event.up === cluster.link.up) return state
      if (!event.up) return { ...state, cluster: { ...cluster, link: { up: false, message: event.message } } }
      // Whoever answers now may be another cluster of the same name: ask before anything is done to it.
      return {
        ...state,
        cluster: { kind: 'absent', problem: undefined, attempts: 0, due: true, known: connectedOf(cluster) },
      }
    }
    case 'prerequisite-seen':
      return retryWaiting(state, event)
    case 'observed':
      return inTurns(event.observations).reduce(
        (before, observations) => withObserved(before, observations, event.at),
        state,
      )
  }
}

function withObserved(state: State, observations: readonly Observation[], at: number): State {
  const observed = observations.reduce(observe, state.observed)
  const loads = withLostImages(state.loads, state.observed, observations)
  return judgeAll(withDeleted({ ...state, observed, loads }, observations), at)
}

/** Observations that came together, apart where a workload is gone that was seen just before: how it ended has to be judged while it is there. */
function inTurns(observations: readonly Observation[]): readonly (readonly Observation[])[] {
  const turns: Observation[][] = [[]]
  const seen = new Set<string>()
  for (const observation of observations) {
    if (observation.type === 'workload') seen.add(observation.workload.key)
    if (observation.type === 'workload-gone' && seen.has(observation.key)) {
      turns.push([])
      seen.clear()
    }
    turns.at(-1)?.push(observation)
  }
  return turns
}

function retryWaiting(state: State, event: Extract<ClusterEvent, { type: 'prerequisite-seen' }>): State {
  const waiting = Object.entries(state.objects).filter(([, object]) =>
    waitsFor(object, event.kind, event.name),
  )
  if (waiting.length === 0) return state
  const retried = waiting.map(([key, object]) => [
    key,
    object.apply.kind === 'failed' ? { ...object, apply: { ...object.apply, retry: true } } : object,
  ])
  return { ...state, objects: { ...state.objects, ...Object.fromEntries(retried) } }
}

function connectedOf(cluster: { readonly kind: 'connected' } & ConnectedCluster): ConnectedCluster {
  const { kind: _, ...rest } = cluster
  return rest
}

/** Another cluster under the same name has none of what was loaded, applied or seen. */
function forgetCluster(state: State): State {
  const objects: Record<string, ObjectState> = {}
  for (const [key, object] of Object.entries(state.objects)) {
    objects[key] = newObject(object.linked)
  }
  const services = Object.fromEntries(
    Object.entries(state.services).map(([name, service]) => [
      name,
      {
        ...service,
        deployable: undefined,
        lives: [],
        ledger: { ...service.ledger, liveAt: undefined, liveSave: undefined },
      },
    ]),
  )
  return {
    ...state,
    services,
    loads: {},
    objects,
    crashes: {},
    checks: {},
    prune: nothingPruned,
    observed: nothingObserved,
  }
}

export const nothingObserved: Observed = {
  syncedNamespaces: [],
  workloads: {},
  pods: {},
  replicaSets: {},
  events: {},
}

/** Events beyond these are older reasons of one object; the newest say what is the matter. */
const EVENTS_PER_OBJECT = 8

function observe(observed: Observed, observation: Observation): Observed {
  switch (observation.type) {
    case 'workload': {
      const { workload } = observation
      return { ...observed, workloads: { ...observed.workloads, [workload.key]: workload } }
    }
    case 'workload-gone':
      return observed.workloads[observation.key]?.uid === observation.uid
        ? { ...observed, workloads: without(observed.workloads, observation.key) }
        : observed
    case 'pod':
      return withPod(observed, observation.pod)
    case 'pod-answers': {
      const pod = observed.pods[observation.uid]
      return pod === undefined ? observed : withPod(observed, { ...pod, answers: true })
    }
    case 'pod-gone':
      return {
        ...observed,
        pods: without(observed.pods, observation.uid),
        events: without(observed.events, observation.uid),
      }
    case 'replica-set':
      return {
        ...observed,
        replicaSets: { ...observed.replicaSets, [observation.replicaSet.uid]: observation.replicaSet },
      }
    case 'replica-set-gone':
      return {
        ...observed,
        replicaSets: without(observed.replicaSets, observation.uid),
        events: without(observed.events, observation.uid),
      }
    case 'event':
      return observation.event.type === 'Normal' ? observed : withEvent(observed, observation.event)
    case 'synced':
      return observed.syncedNamespaces.includes(observation.namespace)
        ? observed
        : { ...observed, syncedNamespaces: [...observed.syncedNamespaces, observation.namespace] }
    case 'connection':
      return observed
  }
}

/** That a pod answers was seen once, and counts until it is Ready or anything in it ended. */
function withPod(observed: Observed, pod: ObservedPod): Observed {
  const { ready, deleting, answers: _, ...rest } = pod
  const answers =
    (pod.answers ?? observed.pods[pod.uid]?.answers ?? false) && !ready && !deleting && isFresh(pod)
  const kept: ObservedPod = { ...rest, ready, deleting, ...(answers ? { answers } : {}) }
  return { ...observed, pods: { ...observed.pods, [pod.uid]: kept } }
}

function withEvent(observed: Observed, event: ObservedEvent): Observed {
  const { uid } = event.involved
  const others = (observed.events[uid] ?? []).filter(other => other.reason !== event.reason)
  return { ...observed, events: { ...observed.events, [uid]: [...others, event].slice(-EVENTS_PER_OBJECT) } }
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  if (!(key in record)) return record
  const { [key]: _, ...rest } = record
  return rest
}
