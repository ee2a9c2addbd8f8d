import { type EndpointCheck, serviceOfHost } from '../checks/endpoint-check.js'
import { valueAt } from './fields.js'
import type { LinkedObject } from './link.js'
import { podPathOf } from './pod-template.js'

type Seen = Pick<LinkedObject, 'ref' | 'object'>

/** The workloads of the manifests that answer at an endpoint: those whose pods the Service of that name selects. `from`: the namespace that is asked from. */
export function workloadsBehind<T extends Seen>(
  { host }: Pick<EndpointCheck, 'host'>,
  objects: readonly T[],
  from: string,
): readonly T[] {
  const named = serviceOfHost(host, from)
  if (named === undefined) return []
  const services = objects.filter(
    ({ ref }) => ref.kind === 'Service' && ref.name === named.name && ref.namespace === named.namespace,
  )
  return objects.filter(
    workload =>
      workload.ref.namespace === named.namespace &&
      services.some(service => selectsPodsOf(service, workload)),
  )
}

/** Whether an object is a Service whose selector the pods of a workload match. */
export function selectsPodsOf(service: Seen, workload: Seen): boolean {
  if (service.ref.kind !== 'Service') return false
  const selector = Object.entries(
    (valueAt(service.object, ['spec', 'selector']) ?? {}) as Record<string, unknown>,
  )
  const path = podPathOf(workload.ref)
  if (selector.length === 0 || path === undefined) return false
  const labels = (valueAt(workload.object, [...path, 'metadata', 'labels']) ?? {}) as Record<string, unknown>
  return selector.every(([key, value]) => labels[key] === value)
}
