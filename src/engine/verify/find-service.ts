import type { KubeObject } from '../../core/kube-object.js'
import { textMapAt } from '../../core/observe/fields.js'
import type { Problem } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import { type ServicePort, selects, servicePorts, webPort } from '../../core/routes/service-port.js'
import type { Cluster } from '../../ports/cluster.js'

export interface FoundService {
  readonly service: KubeObject
  readonly port: ServicePort
}

/** The Service that leads to the pods of a workload, and its port that speaks HTTP as far as names and numbers tell. */
export async function findService(
  cluster: Pick<Cluster, 'discover' | 'list'>,
  workload: KubeObject,
): Promise<Result<FoundService>> {
  const kinds = await cluster.discover()
  if (!kinds.ok) return kinds
  const resource = kinds.value.find(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'Service')
  const { namespace = 'default' } = workload.metadata
  const listed = resource === undefined ? ok([]) : await cluster.list(resource, { namespace })
  if (!listed.ok) return listed
  const labels = textMapAt(workload, 'spec', 'template', 'metadata', 'labels')
  const found = listed.value
    .filter(service => selects(service, labels))
    .flatMap((service): readonly FoundService[] => {
      const port = webPort(servicePorts(service))
      return port === undefined ? [] : [{ service, port }]
    })
  // One with an address of its own first: a headless one only resolves to pods.
  const best = found.find(({ service }) => hasAddress(service)) ?? found[0]
  return best === undefined ? err(without(workload)) : ok(best)
}

/** Where a client in the cluster connects to. */
export function hostOf(service: KubeObject): string {
  const address = (service.spec as { readonly clusterIP?: string } | undefined)?.clusterIP
  const { name, namespace = 'default' } = service.metadata
  if (address === undefined || !hasAddress(service)) return `${name}.${namespace}.svc`
  return address.includes(':') ? `[${address}]` : address
}

function hasAddress(service: KubeObject): boolean {
  const address = (service.spec as { readonly clusterIP?: string } | undefined)?.clusterIP
  return address !== undefined && address !== '' && address !== 'None'
}

function without({ kind, metadata: { name, namespace = 'default' } }: KubeObject): Problem {
  return {
    kind: 'usage-invalid',
    message: `no Service in ${namespace} with a TCP port leads to the pods of ${kind.toLowerCase()}/${name}: there is nothing to send requests through`,
    hint: 'Verify a service that others call, or give its pods a Service.',
  }
}
