import { relative, sep } from 'node:path'
import { displayRef, type KubeObject, type ManifestObject, type ObjectRef, refOf } from '../kube-object.js'
import type { Project } from '../project.js'
import { ingressSettings } from '../routes/ingress-annotations.js'
import { onlyLive } from '../routes/live-routes.js'
import { type HostNameKind, hostNameKind } from './host-name.js'

/** A name that the manifests or the config want a browser on this machine to find. */
export interface WantedHost {
  readonly name: string
  readonly kind: HostNameKind
  /** `ingress/tour in k8s/ingress.yaml:3`, `ingress/extra in the cluster`, `hosts in dev.config.yaml`; each once. */
  readonly wantedBy: readonly string[]
  /** The objects among these, whose status in the cluster may have the address. */
  readonly objects: readonly ObjectRef[]
}

/**
 * The names of Ingress rules, their aliases and `tls.hosts`, of HTTPRoutes, GRPCRoutes and TLSRoutes, of Gateways' listeners, and of the config's `hosts`. In order of their
 * first mention, each once.
 *
 * @param live objects of these kinds that the cluster has; those of the manifests are left out
 */
export function wantedHosts(
  objects: readonly ManifestObject[],
  project: Pick<Project, 'hosts' | 'root' | 'configFile'>,
  live: readonly KubeObject[] = [],
): readonly WantedHost[] {
  const found = new Map<string, { wantedBy: Set<string>; objects: Set<ObjectRef> }>()
  const want = (name: string, by: string, ref?: ObjectRef): void => {
    const known = found.get(name) ?? { wantedBy: new Set(), objects: new Set() }
    known.wantedBy.add(by)
    if (ref !== undefined) known.objects.add(ref)
    found.set(name, known)
  }
  const place = (file: string): string => relative(project.root, file).split(sep).join('/')
  for (const name of project.hosts) want(name, `hosts in ${place(project.configFile)}`)
  const wantAll = (object: KubeObject, where: string): void => {
    const ref = refOf(object)
    const { namespace: _, ...shown } = ref
    const aliases =
      ref.kind === 'Ingress' ? ingressSettings(object.metadata.annotations ?? {}).settings.aliases : []
    for (const name of [...hostsOf(ref, object.spec), ...aliases])
      want(name.toLowerCase(), `${displayRef(shown)} in ${where}`, ref)
  }
  for (const { object, source } of objects) wantAll(object, `${place(source.file)}:${source.line}`)
  for (const object of onlyLive(objects, live)) wantAll(object, 'the cluster')
  return [...found].map(([name, known]) => ({
    name,
    kind: hostNameKind(name),
    wantedBy: [...known.wantedBy],
    objects: [...known.objects],
  }))
}

const ROUTES: readonly string[] = ['HTTPRoute', 'GRPCRoute', 'TLSRoute']

function hostsOf({ apiVersion, kind }: ObjectRef, spec: unknown): readonly string[] {
  const group = apiVersion.split('/')[0]
  if (kind === 'Ingress' && (group === 'networking.k8s.io' || group === 'extensions')) {
    return texts([
      ...list(field(spec, 'rules')).map(rule => field(rule, 'host')),
      ...list(field(spec, 'tls')).flatMap(tls => list(field(tls, 'hosts'))),
    ])
  }
  if (group !== 'gateway.networking.k8s.io') return []
  if (ROUTES.includes(kind)) return texts(list(field(spec, 'hostnames')))
  return kind === 'Gateway'
    ? texts(list(field(spec, 'listeners')).map(listener => field(listener, 'hostname')))
    : []
}

// What is no such field is the API server's to refuse.
const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const texts = (values: readonly unknown[]): readonly string[] =>
  values.filter((value): value is string => typeof value === 'string' && value !== '')
