import { relative, sep } from 'node:path'
import type { ManifestObject } from '../kube-object.js'
import type { LinkedObject } from '../manifest/link.js'
import { podPathOf } from '../manifest/pod-template.js'
import { textMapAt } from '../observe/fields.js'
import type { BackendRef, RouteSource } from './route-table.js'
import { selects, servicePorts, webPort } from './service-port.js'

const KINDS: readonly string[] = ['Ingress', 'Gateway', 'HTTPRoute', 'ReferenceGrant', 'Service', 'Namespace']

/** The objects that routing is about, with their places relative to the project. */
export function routeSources(
  objects: readonly Pick<ManifestObject, 'object' | 'source'>[],
  root: string,
): readonly RouteSource[] {
  return objects
    .filter(({ object }) => KINDS.includes(object.kind))
    .map(({ object, source: { file, line } }) => ({
      object,
      place: `${relative(root, file).split(sep).join('/')}:${line}`,
    }))
}

/** Whether any of the objects routes names or paths to Services. */
export function hasRoutes(objects: readonly { readonly object: { readonly kind: string } }[]): boolean {
  return objects.some(({ object: { kind } }) => kind === 'Ingress' || kind === 'HTTPRoute')
}

/** Whether the gateway on this machine is to serve what these objects route. */
export function isGatewayWanted(
  { mode }: { readonly mode: 'auto' | 'on' | 'off' },
  objects: readonly { readonly object: { readonly kind: string } }[],
): boolean {
  return mode === 'on' || (mode === 'auto' && hasRoutes(objects))
}

/** For each service of the project, the Service that selects the pods of the workload of its name, or else of its first workload that has one. */
export function namedServices(
  objects: readonly LinkedObject[],
  sources: readonly RouteSource[],
): ReadonlyMap<string, BackendRef> {
  const named = new Map<string, BackendRef>()
  const sameNamed = new Set<string>()
  for (const { object, ref, services } of objects) {
    if (services.length === 0 || podPathOf(ref) === undefined) continue
    const labels = textMapAt(
      object,
      ...(ref.kind === 'Pod' ? [] : ['spec', 'template']),
      'metadata',
      'labels',
    )
    const found = sources.find(
      source =>
        source.object.kind === 'Service' &&
        source.object.metadata.namespace === ref.namespace &&
        selects(source.object, labels),
    )?.object
    const port = found === undefined ? undefined : webPort(servicePorts(found))
    if (found === undefined || port === undefined) continue
    const backend = { namespace: ref.namespace ?? 'default', service: found.metadata.name, port: port.port }
    for (const service of services) {
      const isSameNamed = ref.name === service && !sameNamed.has(service)
      if (isSameNamed) sameNamed.add(service)
      if (isSameNamed || !named.has(service)) named.set(service, backend)
    }
  }
  return named
}
