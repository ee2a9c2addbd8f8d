import { displayRef } from '../kube-object.js'
import { fieldsOf, itemsOf, stringOf, valueAt } from '../manifest/fields.js'
import type { LinkedObject } from '../manifest/link.js'
import { nearest } from '../manifest/nearest.js'
import type { LintFinding } from './lint-finding.js'
import { podContainers, podLabels, selects } from './pods.js'

/** Services whose selector finds no pods, and ports that no container opens. */
export function lintServices(objects: readonly LinkedObject[]): readonly LintFinding[] {
  const workloads = new Map<string | undefined, LinkedObject[]>()
  for (const object of objects) {
    if (!object.isWorkload) continue
    const { namespace } = object.ref
    workloads.set(namespace, [...(workloads.get(namespace) ?? []), object])
  }
  return objects
    .filter(({ ref }) => ref.apiVersion === 'v1' && ref.kind === 'Service')
    .flatMap(service => lintService(service, workloads.get(service.ref.namespace) ?? []))
}

function lintService(service: LinkedObject, workloads: readonly LinkedObject[]): readonly LintFinding[] {
  const selector = fieldsOf(valueAt(service.object, ['spec', 'selector']))
  if (Object.keys(selector).length === 0) return []
  const selected = workloads.filter(workload => selects(selector, podLabels(workload)))
  if (selected.length === 0) return [noPods(service, workloads)]
  return itemsOf(valueAt(service.object, ['spec', 'ports'])).flatMap((port, at) => {
    const { port: number, targetPort = number } = fieldsOf(port)
    const message = unopened(targetPort, selected)
    if (message === undefined) return []
    const path = [
      'spec',
      'ports',
      at,
      ...(fieldsOf(port).targetPort === undefined ? ['port'] : ['targetPort']),
    ]
    return [{ object: service, path, message: `${displayRef(service.ref)} ${message}` }]
  })
}

function noPods(service: LinkedObject, workloads: readonly LinkedObject[]): LintFinding {
  const selector = fieldsOf(valueAt(service.object, ['spec', 'selector']))
  const [[key = '', value] = []] = Object.entries(selector)
  const values = workloads.flatMap(workload => stringOf(podLabels(workload)?.[key]) ?? [])
  const near = nearest(String(value), values)
  return {
    object: service,
    path: ['spec', 'selector'],
    message: `the selector of ${displayRef(service.ref)} matches the pods of no workload in these manifests`,
    ...(near === undefined ? {} : { suggestion: `did you mean ${key}: ${near}?` }),
  }
}

function unopened(target: unknown, workloads: readonly LinkedObject[]): string | undefined {
  const containers = workloads.flatMap(podContainers).filter(({ lasting }) => lasting)
  const declared = containers.map(({ fields }) => itemsOf(fields.ports).map(fieldsOf))
  const ports = declared.flat()
  if (typeof target === 'string') {
    if (ports.some(({ name }) => name === target)) return undefined
    const names = ports.flatMap(({ name }) => stringOf(name) ?? [])
    const has = names.length === 0 ? 'none has a name' : `they have ${names.join(', ')}`
    return `wants a port named ${target} of its pods, and ${has}`
  }
  // A container need not say which ports it opens: one that says nothing may open any.
  if (declared.some(list => list.length === 0) || ports.some(({ containerPort }) => containerPort === target))
    return undefined
  const numbers = [...new Set(ports.map(({ containerPort }) => String(containerPort)))]
  return `leads to port ${String(target)} of its pods, which open ${numbers.join(', ')}`
}
