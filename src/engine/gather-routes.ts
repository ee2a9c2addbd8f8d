import type { KubeObject, ManifestObject } from '../core/kube-object.js'
import type { LinkedObject } from '../core/manifest/link.js'
import { observePod } from '../core/observe/observe-pod.js'
import type { Project } from '../core/project.js'
import { describePod } from '../core/rollout/describe-pod.js'
import { buildRouteTable } from '../core/routes/build-table.js'
import type { RouteTable } from '../core/routes/compiled-routes.js'
import { withLiveRoutes } from '../core/routes/live-routes.js'
import { namedServices, routeSources } from '../core/routes/route-sources.js'
import {
  type BackendRef,
  backendText,
  type RouteFinding,
  type RouteSource,
} from '../core/routes/route-table.js'
import { findPort, selects, servicePorts } from '../core/routes/service-port.js'
import { tableRules } from '../core/routes/table-rules.js'
import type { Cluster } from '../ports/cluster.js'
import { listLiveRoutes } from './live-routes.js'

export interface GatheredRoutes {
  readonly table: RouteTable
  readonly sources: readonly RouteSource[]
  readonly findings: readonly RouteFinding[]
  /** The Service of a backend, of the manifests or in the cluster. */
  service(backend: BackendRef): KubeObject | undefined
}

/** The routes of the manifests, and those that only the cluster has in the same namespaces, with the Services that they lead to, from the manifests or the cluster. */
export async function gatherRoutes(
  project: Project,
  objects: readonly LinkedObject[],
  cluster: Pick<Cluster, 'get' | 'discover' | 'list'> | undefined,
): Promise<GatheredRoutes> {
  const namespaces = new Set(objects.flatMap(({ ref: { namespace } }) => namespace ?? []))
  const live = cluster === undefined ? [] : await listLiveRoutes(cluster, namespaces)
  const sources = withLiveRoutes(routeSources(objects as readonly ManifestObject[], project.root), live)
  const table = buildRouteTable({
    objects: sources,
    named: namedServices(objects, sources),
    hosts: project.hosts,
  })
  const services = new Map(
    sources.flatMap(({ object }) =>
      object.kind === 'Service'
        ? [[keyOf(object.metadata.namespace, object.metadata.name), object] as const]
        : [],
    ),
  )
  const findings: RouteFinding[] = [...table.findings]
  const looked = new Set<string>()
  for (const { of, backend } of backendsOf(table)) {
    const key = keyOf(backend.namespace, backend.service)
    const found =
      services.get(key) ??
      (looked.has(key) ? undefined : await inCluster(cluster, { ...backend, name: backend.service }))
    looked.add(key)
    if (found === 'unknown') continue
    if (found === undefined)
      findings.push({
        of,
        message: `leads to service/${backend.service}, which is not in ${backend.namespace}`,
      })
    else {
      services.set(key, found)
      const ports = servicePorts(found)
      if (findPort(ports, backend.port) === undefined)
        findings.push({
          of,
          message: `leads to port ${backend.port} of service/${backend.service}, which has ${ports.map(({ port, name }) => name ?? port).join(', ') || 'none'}`,
        })
    }
  }
  return {
    table,
    sources,
    findings,
    service: ({ namespace, service }) => services.get(keyOf(namespace, service)),
  }
}

const keyOf = (namespace: string | undefined, name: string): string => `${namespace ?? 'default'}/${name}`

async function inCluster(
  cluster: Pick<Cluster, 'get'> | undefined,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<KubeObject | undefined | 'unknown'> {
  if (cluster === undefined) return 'unknown'
  const found = await cluster.get({ apiVersion: 'v1', kind: 'Service', namespace, name })
  return found.ok ? found.value : 'unknown'
}

function backendsOf(table: RouteTable) {
  const backends = [
    ...[...table.ingress.servers.values()].flatMap(({ locations }) =>
      locations.flatMap(({ backend, canary, rule }) => [
        ...(backend === undefined ? [] : [{ ref: rule, backend }]),
        ...(canary === undefined ? [] : [{ ref: canary.rule, backend: canary.backend }]),
      ]),
    ),
    ...table.gateway.listeners.flatMap(({ candidates }) =>
      candidates.flatMap(({ rule, ref }) =>
        rule.backends.flatMap(({ backend }) => ('invalid' in backend ? [] : [{ ref, backend }])),
      ),
    ),
  ]
  const seen = new Set<string>()
  return backends.flatMap(({ ref: { object, place }, backend }) => {
    const of = place === undefined ? object : `${object} in ${place}`
    const key = `${of} ${backendText(backend)}`
    if (seen.has(key)) return []
    seen.add(key)
    return [{ of, backend }]
  })
}

/** How the pods behind a Service are, in words; undefined where the cluster does not say. */
export async function podsOfService(
  cluster: Pick<Cluster, 'discover' | 'list'> | undefined,
  service: KubeObject,
): Promise<readonly string[] | undefined> {
  const kinds = await cluster?.discover()
  const resource = kinds?.ok
    ? kinds.value.find(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'Pod')
    : undefined
  const { namespace = 'default' } = service.metadata
  if (cluster === undefined || resource === undefined) return undefined
  const listed = await cluster.list(resource, { namespace })
  if (!listed.ok) return undefined
  return listed.value
    .map(observePod)
    .filter(({ labels }) => selects(service, labels))
    .map(pod => `${pod.name}: ${pod.ready ? 'ready' : describePod(pod)}`)
}

/** The rules as lines of a table: host and path, kind, backends, where it is written. */
export function routeLines(table: RouteTable): readonly (readonly [string, string, string, string])[] {
  return [
    ...tableRules(table).map(
      ({ host, path, kind, backends, ref }) =>
        [
          `${host}${path.startsWith('/') ? '' : ' '}${path}`,
          kind,
          backends.join(', ') || 'answered without a pod',
          ref.place === undefined ? ref.object : `${ref.object} in ${ref.place}`,
        ] as const,
    ),
    ...[...table.names].map(
      ([name, backend]) => [`${name}/`, 'name', backendText(backend), `service/${backend.service}`] as const,
    ),
  ]
}
