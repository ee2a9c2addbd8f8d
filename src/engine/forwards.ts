import type { Announcement } from '../core/announcement.js'
import { ownerText } from '../core/explain/explain-forward.js'
import { forwardPods } from '../core/forwards/forward-pods.js'
import { addressText, type ForwardState } from '../core/forwards/forward-state.js'
import { localPorts } from '../core/forwards/local-ports.js'
import {
  foreignServices,
  forwardText,
  serviceKey,
  type WantedForward,
  type WantedForwards,
  wantedForwards,
} from '../core/forwards/wanted-forwards.js'
import type { KubeObject } from '../core/kube-object.js'
import type { ForwardFailed } from '../core/problem.js'
import { programPorts } from '../core/process/program-ports.js'
import { buildRouteTable } from '../core/routes/build-table.js'
import { routeSources } from '../core/routes/route-sources.js'
import { tableBackends } from '../core/routes/table-backends.js'
import type { State } from '../core/state.js'
import type { Clock } from '../ports/clock.js'
import type { Cluster } from '../ports/cluster.js'
import type { LocalForwards, OpenLocalForward } from '../ports/local-forwards.js'
import type { PodForward } from '../ports/pod-forward.js'
import type { PortMemory } from '../ports/state-store.js'
import type { Store } from './store.js'

/** What a session forwards ports with. */
export interface ForwardTools {
  readonly local: LocalForwards
  readonly forward: PodForward
  /** The local ports of earlier sessions. */
  readonly ports: PortMemory
}

/** Keeps the ports on this machine in step with the config, the manifests and the pods. */
export interface ForwardsWatch {
  refresh(): void
  stop(): Promise<void>
}

/** Milliseconds until a port that could not be had is tried again: twice as long each time. */
const RETRY = { first: 2000, longest: 30_000 }

interface Forward {
  readonly wanted: WantedForward
  open: OpenLocalForward | undefined
  problem: ForwardFailed | undefined
  isTrying: boolean
  delay: number
  cancelRetry: (() => void) | undefined
  isClosed: boolean
}

/** Listens for each forward from the moment that the cluster is known until it is wanted no more. A port that cannot be had is told, tried again, and costs nothing else. */
export function watchForwards(
  store: Store,
  options: ForwardTools & {
    readonly cluster: Pick<Cluster, 'get'>
    readonly clock: Clock
    readonly tell: (announcement: Announcement) => void
  },
): ForwardsWatch {
  const { local, forward, ports, cluster, clock, tell } = options
  const forwards = new Map<string, Forward>()
  let seen: readonly unknown[] = []
  let wanted:
    | (WantedForwards & { readonly services: ReadonlyMap<string, KubeObject | undefined> })
    | undefined
  let shown: readonly unknown[] = []
  let isStopped = false
  /** Services that no manifest has; undefined is one that the cluster does not have either. */
  let read: ReadonlyMap<string, KubeObject | undefined> = new Map()
  const asked = new Set<string>()
  const cancels = new Set<() => void>()
  // One at a time, in their order: which forward gets the port that two would like is the same on each start.
  let queue: Promise<void> = Promise.resolve()

  const want = (state: State): typeof wanted => {
    const { manifests } = state.render
    if (manifests === undefined) return undefined
    const { project } = state
    const now = [manifests, project, read]
    if (wanted !== undefined && now.every((part, at) => part === seen[at])) return wanted
    seen = now
    const { objects } = manifests
    const services = new Map<string, KubeObject | undefined>(read)
    for (const { object, ref } of objects)
      if (ref.kind === 'Service') services.set(serviceKey(ref.namespace ?? 'default', ref.name), object)
    const table = buildRouteTable({
      objects: routeSources(objects, project.root),
      named: new Map(),
      hosts: project.hosts,
    })
    const found = wantedForwards({ project, objects, services, routed: tableBackends(table) })
    const missing = foreignServices({ project, objects }).filter(
      ({ namespace, name }) => read.get(serviceKey(namespace, name)) === undefined,
    )
    for (const service of missing) lookUp(service)
    // What was never looked up is not known to lead nowhere.
    const unclear = found.unclear.filter(
      ({ target }) =>
        !missing.some(
          ({ namespace, name }) => target === `service/${name}` && !read.has(serviceKey(namespace, name)),
        ),
    )
    wanted = { forwards: found.forwards, unclear, services }
    return wanted
  }

  const lookUp = ({ namespace, name }: { readonly namespace: string; readonly name: string }): void => {
    const key = serviceKey(namespace, name)
    if (asked.has(key)) return
    asked.add(key)
    void cluster.get({ apiVersion: 'v1', kind: 'Service', namespace, name }).then(found => {
      if (isStopped) return
      if (!found.ok || found.value === undefined) {
        const cancel = clock.after(RETRY.longest, () => {
          cancels.delete(cancel)
          asked.delete(key)
          seen = []
          refresh()
        })
        cancels.add(cancel)
      }
      if (!found.ok || (read.has(key) && read.get(key) === found.value)) return
      read = new Map(read).set(key, found.value)
      refresh()
    })
  }

  const podsFor = (state: State, { kind, name, namespace, port }: WantedForward) =>
    forwardPods(
      state,
      { kind, name, namespace, port },
      kind === 'service' ? wanted?.services.get(serviceKey(namespace, name)) : undefined,
    )

  const reserved = (state: State, own: Forward): ReadonlySet<number> => {
    const { project } = state
    return new Set([
      ...programPorts(state),
      ...(project.gateway.mode === 'off' ? [] : [project.gateway.port]),
      ...[...forwards.values()].flatMap(one =>
        one === own ? [] : [one.open?.port ?? one.wanted.local ?? 0],
      ),
    ])
  }

  const tryToOpen = async (one: Forward): Promise<void> => {
    if (one.isClosed || isStopped || one.open !== undefined) return
    const state = store.getState()
    const target = forwardText(one.wanted)
    const { id, address } = one.wanted
    const opened = await local.open({
      target,
      address,
      ports: localPorts(one.wanted, { remembered: ports.get(id), reserved: reserved(state, one) }),
      backend: podsFor(state, one.wanted),
      forward,
      onRefused: notes => {
        tell({
          type: 'notice',
          message: `${target}: a connection found no pod that takes it (${notes.join('; ')})`,
        })
      },
    })
    if (opened.ok && (one.isClosed || isStopped)) return opened.value.close()
    if (opened.ok) {
      one.open = opened.value
      one.problem = undefined
      one.delay = RETRY.first
      // The pods may have changed while the port was asked for.
      one.open.update(podsFor(store.getState(), one.wanted))
      await remember(one, opened.value)
    } else {
      one.problem = opened.error
      one.cancelRetry = clock.after(one.delay, () => start(one))
      one.delay = Math.min(one.delay * 2, RETRY.longest)
    }
  }

  const remember = async (
    { wanted: { id, local: given } }: Forward,
    open: OpenLocalForward,
  ): Promise<void> => {
    if (given !== undefined) return
    const before = ports.get(id)
    const { passedOver } = open
    if (passedOver?.reason === 'taken' && before !== open.port)
      tell({
        type: 'notice',
        message: `port ${passedOver.port} is taken by ${ownerText(passedOver.owner)}; ${passedOver.target} is at port ${open.port}`,
      })
    const kept = await ports.set(id, open.port)
    if (!kept.ok) tell({ type: 'notice', message: `${passedOver?.target ?? id}: its port is not remembered` })
  }

  const start = (one: Forward): void => {
    if (one.isTrying || one.isClosed || isStopped) return
    one.cancelRetry?.()
    one.isTrying = true
    queue = queue.then(async () => {
      await tryToOpen(one)
      one.isTrying = false
      refresh()
    })
  }

  const close = async (one: Forward): Promise<void> => {
    one.isClosed = true
    one.cancelRetry?.()
    await one.open?.close()
  }

  const show = (state: State, { unclear, ...current }: WantedForwards): void => {
    const known = current.forwards.flatMap((one): ForwardState[] => {
      const { open, problem } = forwards.get(keyOf(one)) ?? {}
      if (open === undefined && problem === undefined) return []
      return [
        {
          id: keyOf(one),
          target: forwardText(one),
          namespace: one.namespace,
          service: one.service,
          address: open === undefined ? undefined : addressText(one.address, open.port),
          problem,
        },
      ]
    })
    const nowhere = unclear.map(
      ({ target, message }): ForwardState => ({
        id: target,
        target,
        namespace: '',
        service: undefined,
        address: undefined,
        problem: { kind: 'forward-failed', target, reason: 'target', message },
      }),
    )
    const now = [...known, ...nowhere]
    if (JSON.stringify(now) !== JSON.stringify(state.forwards))
      store.dispatch({ type: 'forwards-changed', forwards: now })
  }

  const refresh = (): void => {
    const state = store.getState()
    if (isStopped || state.stopping || state.cluster.kind !== 'connected') return
    const current = want(state)
    if (current === undefined) return
    const keys = new Set(current.forwards.map(keyOf))
    for (const [key, one] of forwards) {
      if (keys.has(key)) continue
      forwards.delete(key)
      // Its port is free before another forward looks for one.
      queue = queue.then(() => close(one))
    }
    for (const one of current.forwards) {
      if (forwards.has(keyOf(one))) continue
      const made: Forward = {
        wanted: one,
        open: undefined,
        problem: undefined,
        isTrying: false,
        delay: RETRY.first,
        cancelRetry: undefined,
        isClosed: false,
      }
      forwards.set(keyOf(one), made)
      start(made)
    }
    const { observed, objects } = state
    const now = [current, observed.pods, observed.workloads, observed.replicaSets, objects, state.switches]
    if (!now.every((part, at) => part === shown[at]))
      for (const one of forwards.values()) one.open?.update(podsFor(state, one.wanted))
    shown = now
    show(state, current)
  }

  return {
    refresh,
    stop: async () => {
      isStopped = true
      for (const cancel of cancels) cancel()
      await Promise.all([...forwards.values()].map(close))
      await queue
    },
  }
}

const keyOf = ({ id, local, address, service }: WantedForward): string =>
  JSON.stringify([id, local, address, service])
