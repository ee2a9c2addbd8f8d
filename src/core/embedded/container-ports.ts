import type { KubeObject } from '../kube-object.js'
import { fieldsOf, itemsOf, stringOf, valueAt } from '../manifest/fields.js'
import { textMapAt } from '../observe/fields.js'
import { selects, servicePorts } from '../routes/service-port.js'

export interface ContainerPort {
  readonly name?: string
  readonly containerPort: number
}

/** The TCP ports that a container declares. */
export function declaredPorts(container: unknown): readonly ContainerPort[] {
  return itemsOf(valueAt(container, ['ports'])).flatMap(value => {
    const { name, containerPort, protocol } = fieldsOf(value)
    if (typeof containerPort !== 'number' || (protocol !== undefined && protocol !== 'TCP')) return []
    const text = stringOf(name)
    return [{ containerPort, ...(text === undefined ? {} : { name: text }) }]
  })
}

/**
 * The ports of each container of a pod, by its name. What a Service leads to and no container declares belongs to the first: in a cluster that works, for a
 * declaration is only said for people.
 */
export function portsOfPod(
  pod: KubeObject,
  services: readonly KubeObject[],
): ReadonlyMap<string, readonly ContainerPort[]> {
  const containers = itemsOf(valueAt(pod, ['spec', 'containers']))
  const sidecars = itemsOf(valueAt(pod, ['spec', 'initContainers']))
  const ports = new Map<string, readonly ContainerPort[]>()
  for (const container of [...sidecars, ...containers])
    ports.set(stringOf(fieldsOf(container).name) ?? '', declaredPorts(container))
  const known = new Set([...ports.values()].flat().map(({ containerPort }) => containerPort))
  const labels = textMapAt(pod, 'metadata', 'labels')
  const first = stringOf(fieldsOf(containers[0]).name) ?? ''
  for (const service of services) {
    if (service.metadata.namespace !== pod.metadata.namespace || !selects(service, labels)) continue
    for (const { targetPort } of servicePorts(service)) {
      if (typeof targetPort !== 'number' || known.has(targetPort)) continue
      known.add(targetPort)
      ports.set(first, [...(ports.get(first) ?? []), { containerPort: targetPort }])
    }
  }
  return ports
}
