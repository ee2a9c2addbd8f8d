import type { Announcement } from '../core/announcement.js'
import { appContainerOf } from '../core/app-container.js'
import { roleOf } from '../core/logs/role-of.js'
import { containerKey } from '../core/logs/sources.js'
import type { LinkedObject } from '../core/manifest/link.js'
import { workloadOfPod } from '../core/pod-owner.js'
import type { Project } from '../core/project.js'
import { newObject } from '../core/reduce/update.js'
import { initialState, reduce } from '../core/reduce.js'
import type { ObservedContainer, ObservedPod } from '../core/rollout-observation.js'
import type { State } from '../core/state.js'
import type { ClusterIdentity, ClusterObserver } from '../ports/cluster.js'
import type { PodLogs } from '../ports/pod-logs.js'
import { createLogFeed } from './log-feed.js'
import { watchCluster } from './observe-cluster.js'
import type { Store } from './store.js'

/** Which lines of an environment are wanted. */
export interface AttachedLogsWish {
  /** Empty: of every workload, also those that no service builds. */
  readonly services: readonly string[]
  /** `own`: what each service, or else each workload, is for. */
  readonly containers: 'own' | 'all' | { readonly name: string }
  /** `previous`: only the run of each container before its present one. */
  readonly runs: 'all' | 'present' | 'previous'
  /** No line before this time. Milliseconds since the epoch. */
  readonly since: number | undefined
  /** At most this many of the last lines that each container had printed. */
  readonly tail: number | undefined
  /** False: what the cluster has now, and nothing that comes later. */
  readonly follow: boolean
}

export interface AttachedLogsOptions {
  readonly project: Project
  readonly identity: ClusterIdentity
  readonly wish: AttachedLogsWish
  readonly observer: ClusterObserver
  readonly logs: PodLogs
  readonly now: () => number
  /** The workloads of the environment, from its journal. Asked again whenever the cluster shows one that was not among them. */
  readonly workloads: () => Promise<readonly LinkedObject[]>
  readonly tell: (announcement: Announcement) => void
}

export interface AttachedLogs {
  /** Resolves when all pods that were there at the beginning were read to the end; only where `follow` is false. */
  readonly read: Promise<void>
  /** The namespaces' pods as seen now. */
  getState(): State
  stop(): Promise<void>
}

/** Reads the logs of an environment that another devloop looks after, or none does. Changes nothing. */
export async function attachLogs(options: AttachedLogsOptions): Promise<AttachedLogs> {
  const { project, identity, wish, observer, now, tell } = options
  const known = new Set<string>()
  const link = { up: true, message: '' }
  const mode = { once: false, build: 'reuse', deploy: false, only: undefined } as const
  let state: State = {
    ...initialState(project, mode),
    cluster: { kind: 'connected', ...identity, created: false, scopes: {}, link },
  }
  const listeners = new Set<() => void>()
  const wake = (): void => {
    for (const listener of [...listeners]) listener()
  }
  const store: Store = {
    getState: () => state,
    announce: () => {},
    dispatch: event => {
      if (event.type === 'connection-changed') {
        const { up, message } = event
        return tell({ type: 'cluster', context: identity.context, state: up ? 'connected' : 'lost', message })
      }
      state = reduce(state, { ...event, at: now() })
      wake()
    },
    subscribe: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }

  const readWorkloads = async (): Promise<void> => {
    const objects = Object.fromEntries(
      (await options.workloads()).map(linked => [linked.key, state.objects[linked.key] ?? newObject(linked)]),
    )
    state = { ...state, objects }
    for (const key of Object.keys(objects)) known.add(key)
    wake()
  }

  /** A workload of others in the same namespace is asked about once. */
  const lookAtNew = (): void => {
    const fresh = Object.keys(state.observed.workloads).filter(key => !known.has(key))
    if (fresh.length === 0) return
    for (const key of fresh) known.add(key)
    void readWorkloads()
  }

  const watch = watchCluster(store, observer)
  const feed = createLogFeed(store, narrowed(options, store), announcement => {
    if (isWanted(state, announcement, wish)) tell(announcement)
  })
  let isReady = false
  const refresh = (): void => {
    watch.refresh()
    if (wish.follow) lookAtNew()
    if (wish.follow || !isReady) feed.refresh()
  }

  await readWorkloads()
  const read = new Promise<void>(resolve => {
    const check = (): void => {
      if (isReady || wish.follow) return
      const needed = Object.values(state.objects).flatMap(({ linked }) => linked.ref.namespace ?? [])
      if (!needed.every(namespace => state.observed.syncedNamespaces.includes(namespace))) return
      feed.refresh()
      isReady = true
      void feed.idle().then(resolve)
    }
    store.subscribe(() => {
      // Whose a pod is may be known only when everything was listed.
      if (wish.follow) refresh()
      else watch.refresh()
      check()
    })
    watch.refresh()
    if (wish.follow) refresh()
    check()
  })

  return {
    read,
    getState: () => state,
    stop: async () => {
      listeners.clear()
      watch.stop()
      await feed.stop()
    },
  }
}

/** The logs, but for those that nobody asked for: these are not even opened. */
function narrowed({ logs, wish, now }: AttachedLogsOptions, store: Store): PodLogs {
  const attachedAt = now()
  /** The run of each container that was its present one when it was first looked at. */
  const presents = new Map<string, number>()
  return {
    ...logs,
    follow: async (source, sink, options) => {
      const state = store.getState()
      const pod = state.observed.pods[source.podUid]
      const container = pod?.containers.find(({ name }) => name === source.container)
      // Gone since it was seen, and with it what there is to know of it.
      if (pod === undefined || container === undefined) return
      if (!isWantedContainer(state, { pod, container }, wish)) return
      const key = containerKey(source.podUid, source.container)
      const present = presents.get(key) ?? presentRun(container)
      presents.set(key, present)
      if (wish.runs === 'previous' && source.restarts !== present - 1) return
      // A container that waits for its next run shows the one that ended.
      if (wish.runs === 'present' && source.restarts < Math.min(present, container.restarts)) return
      const wasThere = source.restarts <= present && Date.parse(pod.createdAt) <= attachedAt
      await logs.follow(source, sink, {
        ...options,
        ...(wish.since === undefined ? {} : { from: new Date(wish.since).toISOString() }),
        ...(wish.tail === undefined || !wasThere ? {} : { lines: wish.tail }),
        ...(wish.follow ? {} : { snapshot: true }),
      })
    },
  }
}

/** Between two runs, the one that ended is the run before the one that is to come. */
function presentRun({ state, containerId, restarts }: ObservedContainer): number {
  return state.kind === 'waiting' && containerId !== undefined ? restarts + 1 : restarts
}

function isWantedContainer(
  state: State,
  { pod, container }: { readonly pod: ObservedPod; readonly container: ObservedContainer },
  { services, containers }: AttachedLogsWish,
): boolean {
  const key = workloadOfPod(state, pod)
  const images = (key === undefined ? undefined : state.objects[key]?.linked.images) ?? []
  const ours = images.flatMap(({ service }) => service ?? [])
  const own = images.find(image => image.container === container.name)?.service
  const ofPod = services.length === 0 || ours.some(service => services.includes(service))
  if (containers === 'all') return ofPod
  if (containers !== 'own') return ofPod && container.name === containers.name
  if (roleOf(container, { images, main: appContainerOf(state, pod) }) !== 'app') return false
  return services.length === 0 || (own !== undefined && services.includes(own))
}

/** The marks that devloop sets itself say nothing about a run that was asked for alone; gaps are known of containers that are not even opened. */
function isWanted(state: State, announcement: Announcement, wish: AttachedLogsWish): boolean {
  if (announcement.type === 'log-mark') return wish.runs === 'all'
  if (announcement.type !== 'log-gap') return true
  const pod = state.observed.pods[announcement.podUid]
  const container = pod?.containers.find(({ name }) => name === announcement.container)
  return pod === undefined || container === undefined || isWantedContainer(state, { pod, container }, wish)
}
