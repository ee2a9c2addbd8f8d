import type { KubeObject, ManifestObject } from '../core/kube-object.js'
import type { Project } from '../core/project.js'
import { isLiveKind } from '../core/routes/live-routes.js'
import type { Cluster, ClusterObserver } from '../ports/cluster.js'
import type { Store } from './store.js'

/** What the namespaces of the project have of Ingresses, Gateways, HTTPRoutes, ReferenceGrants and Services, as it changes. */
export interface LiveRoutes {
  refresh(): void
  /** Another array whenever something changed. */
  readonly routes: readonly KubeObject[]
  readonly services: readonly KubeObject[]
  /** Whether the Services of a namespace are followed. */
  follows(namespace: string): boolean
  stop(): void
}

/** Follows them once a cluster is connected. Kinds that the cluster does not serve are looked for again with another cluster only. */
export function watchLiveRoutes(
  store: Store,
  options: {
    readonly cluster: Pick<Cluster, 'discover'>
    readonly observer: Pick<ClusterObserver, 'track'>
    readonly changed: () => void
  },
): LiveRoutes {
  const { cluster, observer, changed } = options
  let abort = new AbortController()
  let uid: string | undefined
  const asked = new Set<string>()
  const listed = new Set<string>()
  /** By kind and namespace. */
  const found = new Map<string, readonly KubeObject[]>()
  let routes: readonly KubeObject[] = []
  let services: readonly KubeObject[] = []

  const track = async (namespace: string): Promise<void> => {
    const { signal } = abort
    const kinds = await cluster.discover()
    if (signal.aborted) return
    if (!kinds.ok) {
      // Asked again at the next change.
      asked.delete(namespace)
      return
    }
    const wanted = kinds.value.filter(
      resource =>
        resource.namespaced &&
        resource.verbs.includes('watch') &&
        (isLiveKind(resource) || (resource.apiVersion === 'v1' && resource.kind === 'Service')),
    )
    const seen = new Set<string>()
    for (const resource of wanted) {
      const key = `${resource.kind} ${namespace}`
      // Preferred versions come first.
      if (seen.has(key)) continue
      seen.add(key)
      const take = (objects: readonly KubeObject[]): void => {
        if (signal.aborted) return
        if (resource.kind === 'Service') listed.add(namespace)
        const before = found.get(key) ?? []
        found.set(key, objects)
        if (before.length === 0 && objects.length === 0) return
        const all = [...found.values()].flat()
        if (resource.kind === 'Service') services = all.filter(({ kind }) => kind === 'Service')
        else routes = all.filter(({ kind }) => kind !== 'Service')
        changed()
      }
      observer.track(resource, namespace, take, signal)
    }
  }

  return {
    get routes() {
      return routes
    },
    get services() {
      return services
    },
    follows: namespace => listed.has(namespace),
    refresh: () => {
      const { cluster: connected, objects, project } = store.getState()
      if (connected.kind !== 'connected' || project.gateway.mode === 'off' || abort.signal.aborted) return
      if (uid !== undefined && uid !== connected.uid) {
        abort.abort()
        abort = new AbortController()
        asked.clear()
        listed.clear()
        found.clear()
        routes = []
        services = []
      }
      uid = connected.uid
      for (const { linked } of Object.values(objects)) {
        const { namespace } = linked.ref
        if (namespace === undefined || asked.has(namespace)) continue
        asked.add(namespace)
        void track(namespace)
      }
    },
    stop: () => abort.abort(),
  }
}

/** What the gateway of an `up` would serve besides the manifests. */
export async function liveRoutesOf(
  { gateway }: Pick<Project, 'gateway'>,
  objects: readonly ManifestObject[],
  cluster: Pick<Cluster, 'discover' | 'list'> | undefined,
): Promise<readonly KubeObject[]> {
  if (cluster === undefined || gateway.mode === 'off') return []
  const namespaces = new Set(objects.flatMap(({ object }) => object.metadata.namespace ?? []))
  return listLiveRoutes(cluster, namespaces)
}

/** The routes of some namespaces, once; none where the cluster does not say. */
export async function listLiveRoutes(
  cluster: Pick<Cluster, 'discover' | 'list'>,
  namespaces: ReadonlySet<string>,
): Promise<readonly KubeObject[]> {
  const kinds = await cluster.discover()
  if (!kinds.ok) return []
  const wanted = kinds.value.filter(
    resource => resource.namespaced && resource.verbs.includes('list') && isLiveKind(resource),
  )
  const preferred = wanted.filter((one, at) => wanted.findIndex(({ kind }) => kind === one.kind) === at)
  const lists = await Promise.all(
    [...namespaces].flatMap(namespace => preferred.map(resource => cluster.list(resource, { namespace }))),
  )
  return lists.flatMap(list => (list.ok ? list.value : []))
}
