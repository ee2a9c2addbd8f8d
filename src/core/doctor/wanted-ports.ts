import { localPorts } from '../forwards/local-ports.js'
import { forwardText, serviceKey, wantedForwards } from '../forwards/wanted-forwards.js'
import type { KubeObject } from '../kube-object.js'
import type { LinkedObject } from '../manifest/link.js'
import type { Project } from '../project.js'
import { buildRouteTable } from '../routes/build-table.js'
import { hasRoutes, routeSources } from '../routes/route-sources.js'
import { tableBackends } from '../routes/table-backends.js'
import { GATEWAY, type WantedPort } from './judge-ports.js'

/** The ports of this machine that `up` would try first, as far as config and manifests tell. */
export function wantedPorts(
  project: Project,
  objects: readonly LinkedObject[],
): readonly (WantedPort & { readonly address: string | undefined })[] {
  const { mode, port } = project.gateway
  const hasGateway = port !== 0 && (mode === 'on' || (mode === 'auto' && hasRoutes(objects)))
  const gateway = { port, use: GATEWAY, mayMove: false, address: undefined }
  const table = buildRouteTable({
    objects: routeSources(objects, project.root),
    named: new Map(),
    hosts: project.hosts,
  })
  const services = new Map<string, KubeObject>(
    objects.flatMap(({ object, ref }) =>
      ref.kind === 'Service' ? [[serviceKey(ref.namespace ?? 'default', ref.name), object] as const] : [],
    ),
  )
  const { forwards } = wantedForwards({ project, objects, services, routed: tableBackends(table) })
  const reserved = new Set(hasGateway ? [port] : [])
  return [
    ...(hasGateway ? [gateway] : []),
    ...forwards.flatMap(forward => {
      const [first] = localPorts(forward, { remembered: undefined, reserved })
      const use = forwardText(forward)
      const { local, address } = forward
      return first === undefined ? [] : [{ port: first, use, mayMove: local === undefined, address }]
    }),
  ]
}
