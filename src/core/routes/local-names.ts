import { namespaceOf } from './route-fields.js'
import type { BackendRef, RouteSource } from './route-table.js'
import { servicePorts, webPort } from './service-port.js'

/** `NAME.localhost` for each Service with a port and for each service of devloop's, which wins; `NAME.NAMESPACE.localhost` besides, always unambiguous. */
export function localNames(
  objects: readonly RouteSource[],
  named: ReadonlyMap<string, BackendRef>,
): ReadonlyMap<string, BackendRef> {
  const names = new Map<string, BackendRef>()
  const services = objects
    .filter(({ object }) => object.kind === 'Service' && object.apiVersion === 'v1')
    .toSorted((a, b) => (namespaceOf(a) < namespaceOf(b) ? -1 : 1))
  for (const [name, backend] of named)
    if (LABEL.test(name)) names.set(`${name.toLowerCase()}.localhost`, backend)
  for (const source of services) {
    const port = webPort(servicePorts(source.object))
    if (port === undefined) continue
    const { name } = source.object.metadata
    const backend: BackendRef = { namespace: namespaceOf(source), service: name, port: port.port }
    if (!names.has(`${name}.localhost`)) names.set(`${name}.localhost`, backend)
    names.set(`${name}.${backend.namespace}.localhost`, backend)
  }
  return names
}

const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i
