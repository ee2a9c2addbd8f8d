import { type KubeObject, type ObjectRef, refKey } from '../kube-object.js'
import { fieldsOf, itemsOf, valueAt } from '../manifest/fields.js'
import type { LinkedObject } from '../manifest/link.js'
import { podPathOf } from '../manifest/pod-template.js'
import { textMapAt } from '../observe/fields.js'
import type { ForwardKind, ForwardSpec, Project } from '../project.js'
import type { BackendRef } from '../routes/route-table.js'
import { findPort, namedPorts, selects, servicePorts } from '../routes/service-port.js'

/** A port on this machine that is to lead to pods. */
export interface WantedForward {
  /** By which its local port is remembered: `shop/service/tour-srv:3000`. */
  readonly id: string
  readonly kind: ForwardKind
  readonly name: string
  readonly namespace: string
  /** Of the Service, or of the pods. */
  readonly port: number | string
  /** The number of that port, as far as the manifests tell. */
  readonly number: number | undefined
  /** The service of ours whose pods it leads to, where it is one's. */
  readonly service: string | undefined
  readonly local: number | undefined
  readonly address: string | undefined
}

export interface WantedForwards {
  readonly forwards: readonly WantedForward[]
  /** Entries of the config that lead nowhere, with the reason. */
  readonly unclear: readonly { readonly target: string; readonly message: string }[]
}

export interface ForwardSources {
  readonly project: Pick<Project, 'portForward' | 'namespace'>
  readonly objects: readonly LinkedObject[]
  /** Services by `serviceKey`: those of the manifests, and those that were looked up. Undefined: the cluster has it neither. */
  readonly services: ReadonlyMap<string, KubeObject | undefined>
  /** The Services that a route leads to. */
  readonly routed: readonly BackendRef[]
}

const KINDS: { readonly [Kind in ForwardKind]: Pick<ObjectRef, 'apiVersion' | 'kind'> } = {
  service: { apiVersion: 'v1', kind: 'Service' },
  pod: { apiVersion: 'v1', kind: 'Pod' },
  deployment: { apiVersion: 'apps/v1', kind: 'Deployment' },
  statefulset: { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  daemonset: { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  job: { apiVersion: 'batch/v1', kind: 'Job' },
}

export const serviceKey = (namespace: string, name: string): string => `${namespace}/${name}`

/** The object that a forward names. */
export function forwardRef({
  kind,
  name,
  namespace,
}: Pick<WantedForward, 'kind' | 'name' | 'namespace'>): ObjectRef {
  return { ...KINDS[kind], namespace, name }
}

/** `service/tour-srv:3000`: how people name a forward. */
export const forwardText = ({ kind, name, port }: Pick<WantedForward, 'kind' | 'name' | 'port'>): string =>
  `${kind}/${name}:${port}`

/** `mysql-0` of a StatefulSet `mysql`; undefined for names of another form. */
export function memberOf(name: string): string | undefined {
  return /^(.+)-\d+$/.exec(name)?.[1]
}

/** Services that are named by the config and are in no manifest: those have to be looked up. */
export function foreignServices({ project, objects }: Pick<ForwardSources, 'project' | 'objects'>): readonly {
  readonly namespace: string
  readonly name: string
}[] {
  return project.portForward.forwards
    .filter(spec => spec.kind === 'service')
    .map(spec => ({ name: spec.name, namespace: namespaceOf(spec, { project, objects }) }))
    .filter(({ name, namespace }) => !objects.some(({ ref }) => isService(ref, namespace, name)))
}

/** What is to be forwarded: the entries of the config in their order, then every TCP port of Services that lead to pods that are built here and that no route serves. */
export function wantedForwards(sources: ForwardSources): WantedForwards {
  const unclear: { target: string; message: string }[] = []
  const declared = sources.project.portForward.forwards.flatMap(spec => {
    const wanted = declaredForward(spec, sources)
    if (typeof wanted !== 'string') return [wanted]
    unclear.push({ target: `${spec.kind}/${spec.name}`, message: wanted })
    return []
  })
  const known = new Set<string>()
  const forwards = [...declared, ...ownForwards(sources, declared)].filter(
    ({ id, local }) => !known.has(`${id} ${local}`) && known.add(`${id} ${local}`),
  )
  return { forwards, unclear }
}

function declaredForward(spec: ForwardSpec, sources: ForwardSources): WantedForward | string {
  const { objects, services } = sources
  const namespace = namespaceOf(spec, sources)
  const { kind, name, local, address } = spec
  const owner = ownerOf(spec, namespace, objects)
  const service = kind === 'service' ? services.get(serviceKey(namespace, name)) : undefined
  const ports = kind === 'service' ? portsOfService(service) : portsOfPods(owner)
  const port = spec.port ?? (ports.length === 1 ? ports[0]?.number : undefined)
  if (port === undefined) {
    if (kind === 'service' && service === undefined)
      return `there is no service/${name} in the namespace ${namespace}`
    return ports.length === 0
      ? `it does not say which ports it has; add one, as in ${kind}/${name}:8080`
      : `it has the ports ${ports.map(({ number }) => number).join(', ')}; add the one that you mean, as in ${kind}/${name}:${ports[0]?.number}`
  }
  if (service !== undefined && findPort(servicePorts(service), port) === undefined)
    return `it has no port ${port}; its ports are ${ports.map(one => one.number).join(', ') || 'none of TCP'}`
  return {
    id: idOf({ kind, name, namespace, port }),
    kind,
    name,
    namespace,
    port,
    number: typeof port === 'number' ? port : ports.find(candidate => candidate.name === port)?.number,
    service:
      kind === 'service' && service !== undefined ? serviceBehind(service, objects) : owner?.services[0],
    local,
    address,
  }
}

/** Every TCP port of a Service of built pods that no route leads to and no entry of the config names. */
function ownForwards(
  { project, objects, routed }: ForwardSources,
  declared: readonly WantedForward[],
): readonly WantedForward[] {
  if (!project.portForward.auto) return []
  return objects.flatMap(({ ref, object }) => {
    const { name, namespace = 'default' } = ref
    const isNamed = declared.some(
      one => one.kind === 'service' && one.name === name && one.namespace === namespace,
    )
    const isRouted = routed.some(backend => backend.service === name && backend.namespace === namespace)
    const service = isService(ref, namespace, name) ? serviceBehind(object, objects) : undefined
    if (service === undefined || isNamed || isRouted) return []
    return servicePorts(object).map(({ port }): WantedForward => {
      const target = { kind: 'service', name, namespace, port } as const
      return { ...target, id: idOf(target), number: port, service, local: undefined, address: undefined }
    })
  })
}

const isService = (ref: ObjectRef, namespace: string, name: string): boolean =>
  ref.kind === 'Service' && ref.apiVersion === 'v1' && ref.namespace === namespace && ref.name === name

const idOf = (target: Pick<WantedForward, 'kind' | 'name' | 'namespace' | 'port'>): string =>
  `${target.namespace}/${forwardText(target)}`

/** Where the config does not say it: the namespace of the one manifest that has the object, else that of the project. */
function namespaceOf(
  spec: ForwardSpec,
  { project, objects }: Pick<ForwardSources, 'project' | 'objects'>,
): string {
  if (spec.namespace !== undefined) return spec.namespace
  const { apiVersion, kind } = KINDS[spec.kind]
  const parent = spec.kind === 'pod' || spec.kind === 'statefulset' ? memberOf(spec.name) : undefined
  const found = objects.filter(
    ({ ref }) =>
      (ref.kind === kind && ref.apiVersion === apiVersion && ref.name === spec.name) ||
      (ref.kind === 'StatefulSet' && ref.name === parent),
  )
  return (found.length === 1 ? found[0]?.ref.namespace : undefined) ?? project.namespace.default ?? 'default'
}

/** The workload of the manifests that a forward names, or a member of which it names. */
function ownerOf(
  { kind, name }: ForwardSpec,
  namespace: string,
  objects: readonly LinkedObject[],
): LinkedObject | undefined {
  const find = (ref: ObjectRef) => objects.find(({ key }) => key === refKey(ref))
  const own = find(forwardRef({ kind, name, namespace }))
  const parent = kind === 'pod' || kind === 'statefulset' ? memberOf(name) : undefined
  if (own !== undefined || parent === undefined) return own
  return find(forwardRef({ kind: 'statefulset', name: parent, namespace }))
}

interface NumberedPort {
  readonly name: string | undefined
  readonly number: number
}

const portsOfService = (service: KubeObject | undefined): readonly NumberedPort[] =>
  service === undefined ? [] : servicePorts(service).map(({ name, port }) => ({ name, number: port }))

function portsOfPods(linked: LinkedObject | undefined): readonly NumberedPort[] {
  if (linked === undefined) return []
  const spec = valueAt(linked.object, linked.ref.kind === 'Pod' ? ['spec'] : ['spec', 'template', 'spec'])
  const names = new Map([...namedPorts(spec)].map(([name, number]) => [number, name]))
  return itemsOf(valueAt(spec, ['containers']))
    .flatMap(container => itemsOf(valueAt(container, ['ports'])))
    .flatMap(port => {
      const { containerPort, protocol } = fieldsOf(port)
      if (typeof containerPort !== 'number' || (protocol !== undefined && protocol !== 'TCP')) return []
      return [{ name: names.get(containerPort), number: containerPort }]
    })
}

/** The service of ours that the pods of a Service run. */
function serviceBehind(service: KubeObject, objects: readonly LinkedObject[]): string | undefined {
  return objects.find(
    ({ object, ref, services }) =>
      services.length > 0 &&
      podPathOf(ref) !== undefined &&
      ref.namespace === service.metadata.namespace &&
      selects(
        service,
        textMapAt(object, ...(ref.kind === 'Pod' ? [] : ['spec', 'template']), 'metadata', 'labels'),
      ),
  )?.services[0]
}
