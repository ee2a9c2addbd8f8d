import { fieldsOf, isFields, itemsOf, stringOf, valueAt } from '../manifest/fields.js'
import { textMapAt } from '../observe/fields.js'

export interface ServicePort {
  readonly name: string | undefined
  readonly port: number
  /** Of the pods: a number, or the name of a container's port. */
  readonly targetPort: number | string
  readonly appProtocol: string | undefined
}

/** The TCP ports of a Service. */
export function servicePorts(service: unknown): readonly ServicePort[] {
  return itemsOf(valueAt(service, ['spec', 'ports'])).flatMap(value => {
    const { name, port, targetPort, protocol, appProtocol } = fieldsOf(value)
    if (typeof port !== 'number' || (protocol !== undefined && protocol !== 'TCP')) return []
    const target = typeof targetPort === 'number' || typeof targetPort === 'string' ? targetPort : port
    return [{ name: stringOf(name), port, targetPort: target, appProtocol: stringOf(appProtocol) }]
  })
}

/** The port that a backend means. */
export function findPort(ports: readonly ServicePort[], wanted: number | string): ServicePort | undefined {
  return ports.find(({ name, port }) => (typeof wanted === 'number' ? port === wanted : name === wanted))
}

/** The port of a Service that a browser means: by name, then by number, then the first. */
export function webPort(ports: readonly ServicePort[]): ServicePort | undefined {
  return (
    ports.find(({ name }) => name !== undefined && /^(http|web)/.test(name)) ??
    ports.find(({ port }) => port === 80 || port === 8080 || port === 3000) ??
    ports[0]
  )
}

/** Whether labels fit the selector of a Service; one without a selector selects nothing. */
export function selects(service: unknown, labels: Readonly<Record<string, string>>): boolean {
  const selector = Object.entries(textMapAt(service, 'spec', 'selector'))
  return selector.length > 0 && selector.every(([name, value]) => labels[name] === value)
}

/** Numbers of the named ports in a pod's `spec` (or a template's), of TCP. */
export function namedPorts(podSpec: unknown): ReadonlyMap<string, number> {
  const containers = [
    ...itemsOf(valueAt(podSpec, ['initContainers'])),
    ...itemsOf(valueAt(podSpec, ['containers'])),
  ]
  return new Map(
    containers
      .flatMap(container => itemsOf(valueAt(container, ['ports'])))
      .flatMap(port => {
        if (!isFields(port)) return []
        const { name, containerPort } = port
        return typeof name === 'string' && typeof containerPort === 'number'
          ? [[name, containerPort] as const]
          : []
      }),
  )
}
