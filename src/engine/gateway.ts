import { isDeepStrictEqual } from 'node:util'
import type { Announcement } from '../core/announcement.js'
import type { KubeObject } from '../core/kube-object.js'
import { programPorts } from '../core/process/program-ports.js'
import { buildRouteTable } from '../core/routes/build-table.js'
import type { RouteTable } from '../core/routes/compiled-routes.js'
import { gatewayAddresses, gatewayUrls } from '../core/routes/gateway-addresses.js'
import type { GatewayState } from '../core/routes/gateway-state.js'
import { withLiveRoutes } from '../core/routes/live-routes.js'
import { podsBehind, restartText } from '../core/routes/pods-behind.js'
import { isGatewayWanted, namedServices, routeSources } from '../core/routes/route-sources.js'
import { type BackendRef, backendText } from '../core/routes/route-table.js'
import { tableBackends } from '../core/routes/table-backends.js'
import type { State } from '../core/state.js'
import type { Clock } from '../ports/clock.js'
import type { Cluster, ClusterObserver } from '../ports/cluster.js'
import type { BackendState, Gateway, GatewayView, OpenGateway } from '../ports/gateway.js'
import type { PodForward } from '../ports/pod-forward.js'
import { watchLiveRoutes } from './live-routes.js'
import type { Store } from './store.js'

/** Milliseconds until a port that another program had is tried again. */
const AGAIN = 5000

/** What a session serves its routes with. */
export interface GatewayTools {
  readonly gateway: Gateway
  readonly forward: PodForward
}

/** Keeps the gateway on this machine in step with the manifests, the cluster's own routes and the pods. */
export interface GatewayWatch {
  /** Routing objects of the cluster in the namespaces of the manifests; another array whenever something changed. */
  live(): readonly KubeObject[]
  refresh(): void
  stop(): Promise<void>
}

interface Routing {
  readonly table: RouteTable
  readonly named: ReadonlyMap<string, BackendRef>
  readonly services: ReadonlyMap<string, KubeObject>
}

/** Opens the gateway once there are routes and a cluster, and closes it when the session ends. A port that cannot be had is told, and costs nothing else. */
export function watchGateway(
  store: Store,
  options: GatewayTools & {
    readonly cluster: Pick<Cluster, 'get' | 'discover'>
    readonly observer: Pick<ClusterObserver, 'track'>
    readonly clock: Pick<Clock, 'after'>
    readonly tell: (announcement: Announcement) => void
    /** Told when the cluster's own routes changed. */
    readonly onLive: () => void
  },
): GatewayWatch {
  const { gateway, forward, cluster, observer, clock, tell } = options
  const changed = (): void => {
    refresh()
    options.onLive()
  }
  const live = watchLiveRoutes(store, { cluster, observer, changed })
  let seen: readonly unknown[] = []
  let routing: Routing | undefined
  let shown: readonly unknown[] = []
  let open: OpenGateway | undefined
  let opening: Promise<void> | undefined
  let triedPort: number | undefined
  let cancelAgain = (): void => {}
  let isStopped = false
  /** Services of namespaces that are not followed and that no manifest has, by `namespace/name`; undefined is one that the cluster does not have either. */
  let read: ReadonlyMap<string, KubeObject | undefined> = new Map()
  const asked = new Set<string>()
  const told = new Set<string>()

  const route = (state: State): Routing | undefined => {
    const { manifests } = state.render
    if (manifests === undefined) return undefined
    const now = [manifests, state.project.hosts, state.project.root, read, live.routes, live.services]
    if (routing !== undefined && now.every((part, at) => part === seen[at])) return routing
    seen = now
    const sources = withLiveRoutes(routeSources(manifests.objects, state.project.root), live.routes)
    const services = new Map(
      [...live.services, ...read.values(), ...sources.map(({ object }) => object)].flatMap(object =>
        object?.kind === 'Service'
          ? [[serviceKey(object.metadata.namespace, object.metadata.name), object]]
          : [],
      ),
    )
    const named = namedServices(manifests.objects, sources)
    const isMissing = ({ namespace, service }: BackendRef): boolean => {
      const key = serviceKey(namespace, service)
      return !services.has(key) && (read.has(key) || live.follows(namespace))
    }
    const table = buildRouteTable({ objects: sources, named, hosts: state.project.hosts, isMissing })
    routing = { table, named, services }
    for (const { of, message } of table.findings) {
      const text = `${of}: ${message}`
      if (!told.has(text)) tell({ type: 'notice', message: text })
      told.add(text)
    }
    return routing
  }

  /** Looks up, once each, the Services that rules lead to and no manifest has. */
  const lookUp = ({ table, services }: Routing): void => {
    for (const { namespace, service } of tableBackends(table)) {
      const key = serviceKey(namespace, service)
      if (services.has(key) || asked.has(key) || live.follows(namespace)) continue
      asked.add(key)
      void cluster.get({ apiVersion: 'v1', kind: 'Service', namespace, name: service }).then(found => {
        // Asked again at the next change where the cluster did not answer.
        if (!found.ok) asked.delete(key)
        else {
          read = new Map(read).set(key, found.value)
          refresh()
        }
      })
    }
  }

  const viewOf = (state: State, { table, services }: Routing): GatewayView => {
    const known = new Map<string, BackendState>()
    return {
      table,
      backend: ref => {
        const key = backendText(ref)
        const backend =
          known.get(key) ?? podsBehind(state, ref, services.get(serviceKey(ref.namespace, ref.service)))
        known.set(key, backend)
        return backend
      },
    }
  }

  const show = (state: State, { table, named }: Routing, port: number): void => {
    const found = new Set(state.hosts?.names.filter(({ state }) => state === 'ok').map(({ name }) => name))
    const serving: GatewayState = {
      kind: 'serving',
      port,
      addresses: gatewayAddresses(table, named, port),
      urls: gatewayUrls(table, named, { port, isFound: host => found.has(host) }),
    }
    if (JSON.stringify(serving) !== JSON.stringify(state.gateway))
      store.dispatch({ type: 'gateway-changed', gateway: serving })
  }

  const start = async (view: GatewayView, port: number): Promise<void> => {
    const isTheirs =
      store.getState().project.gateway.mode === 'auto' && programPorts(store.getState()).has(port)
    let opened = await gateway.open({ port: isTheirs ? 0 : port, view, forward })
    // A port that nobody asked for by number is as good as another.
    if (!opened.ok && opened.error.reason === 'taken' && store.getState().project.gateway.mode === 'auto') {
      const { owner } = opened.error
      const by = owner === undefined ? 'another program' : `${owner.program} (pid ${owner.pid})`
      tell({ type: 'notice', message: `port ${port} is taken by ${by}; the gateway takes another` })
      opened = await gateway.open({ port: 0, view, forward })
    }
    opening = undefined
    if (!opened.ok) {
      const { error } = opened
      // Whoever has it may leave.
      if (error.reason === 'taken' && !isStopped)
        cancelAgain = clock.after(AGAIN, () => {
          if (triedPort === port) triedPort = undefined
          refresh()
        })
      const before = store.getState().gateway
      if (before?.kind === 'failed' && isDeepStrictEqual(before.problem, error)) return
      store.dispatch({ type: 'gateway-changed', gateway: { kind: 'failed', problem: error } })
      tell({ type: 'problem', object: 'gateway', final: false, problem: error })
      return
    }
    if (isStopped) return opened.value.close()
    open = opened.value
    refresh()
  }

  const refresh = (): void => {
    const state = store.getState()
    const { mode, port } = state.project.gateway
    if (isStopped || state.stopping || mode === 'off' || state.cluster.kind !== 'connected') return
    live.refresh()
    const current = route(state)
    if (current === undefined) return
    lookUp(current)
    const { observed } = state
    const restarts = Object.values(state.services)
      .map(({ sync }) => restartText(sync))
      .join()
    const now = [current, observed.pods, observed.workloads, state.objects, state.switches, restarts, open]
    if (open !== undefined) {
      if (!now.every((part, at) => part === shown[at])) open.update(viewOf(state, current))
      shown = now
      show(state, current, open.port)
      return
    }
    const objects = [...(state.render.manifests?.objects ?? []), ...live.routes.map(object => ({ object }))]
    const isWanted = isGatewayWanted(state.project.gateway, objects)
    if (!isWanted || opening !== undefined || triedPort === port) return
    triedPort = port
    cancelAgain()
    opening = start(viewOf(state, current), port)
  }

  return {
    refresh,
    live: () => live.routes,
    stop: async () => {
      isStopped = true
      cancelAgain()
      live.stop()
      await opening
      await open?.close()
    },
  }
}

const serviceKey = (namespace: string | undefined, name: string): string =>
  `${namespace ?? 'default'}/${name}`
