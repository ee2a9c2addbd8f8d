import { fieldsOf, itemsOf, stringOf, valueAt } from '../../core/manifest/fields.js'
import { err, ok, type Result } from '../../core/result.js'
import { parseStatus } from './api-status.js'
import type { KubeHttp } from './http-client.js'

export interface ReadyAddress {
  /** Absent where the address is no pod's: a Service may name machines outside the cluster. */
  readonly pod: string | undefined
  readonly address: string
  readonly port: number
}

/** A ready address behind a port of a Service, by its EndpointSlices. */
export async function readyAddress(
  http: KubeHttp,
  {
    namespace,
    name,
    port,
    object,
    signal,
  }: {
    readonly namespace: string
    readonly name: string
    readonly port: number
    /** The Service. */
    readonly object: unknown
    readonly signal: AbortSignal
  },
): Promise<Result<ReadyAddress, string>> {
  const external = stringOf(valueAt(object, ['spec', 'externalName']))
  if (external !== undefined) return ok({ pod: undefined, address: external, port })
  const ports = itemsOf(valueAt(object, ['spec', 'ports'])).map(fieldsOf)
  const served = ports.find(candidate => candidate.port === port)
  if (served === undefined)
    return err(
      `Service ${name} has no port ${port}, but ${ports.map(candidate => String(candidate.port)).join(', ')}`,
    )
  const query = new URLSearchParams({ labelSelector: `kubernetes.io/service-name=${name}` })
  const path = `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices?${query}`
  const listed = await http.request({ method: 'GET', path, signal })
  if (!listed.ok) return err(listed.error.kind === 'cancelled' ? 'the check was ended' : listed.error.message)
  const { status, body } = listed.value
  if (status !== 200) return err(parseStatus(body)?.message ?? `the API server answered ${status}`)
  for (const slice of itemsOf(valueAt(JSON.parse(body), ['items']))) {
    const target = itemsOf(fieldsOf(slice).ports)
      .map(fieldsOf)
      .find(candidate => (candidate.name ?? '') === (served.name ?? ''))?.port
    for (const endpoint of itemsOf(fieldsOf(slice).endpoints)) {
      const address = stringOf(itemsOf(fieldsOf(endpoint).addresses)[0])
      if (valueAt(endpoint, ['conditions', 'ready']) === false || address === undefined) continue
      if (typeof target !== 'number') continue
      const { kind, name: pod } = fieldsOf(fieldsOf(endpoint).targetRef)
      return ok({ pod: kind === 'Pod' ? stringOf(pod) : undefined, address, port: target })
    }
  }
  return err(`Service ${name} has no ready pod`)
}
