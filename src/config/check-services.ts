import { formatImageRef, parseImageRef } from '../core/image-ref.js'
import type { ServiceSpec } from '../core/project.js'
import { type Edge, findCycles } from './cycles.js'
import { type Finding, finding } from './finding.js'

/** Cycles in `requires` and `dependsOn`, each once and with its way round. */
export function checkCycles(services: readonly ServiceSpec[]): readonly Finding[] {
  const names = services.map(service => service.name)
  const requires = services.flatMap(service =>
    service.requires.map((required, index) => ({
      from: service.name,
      to: required.service,
      path: ['services', service.name, 'requires', index, 'service'],
    })),
  )
  const dependsOn = services.flatMap(service =>
    service.dependsOn.flatMap((text, index) =>
      owners(text, services).map(to => ({
        from: service.name,
        to,
        // Among endpoints, the place in the list is not that in the file.
        path: ['services', service.name, 'dependsOn', ...(service.checks === undefined ? [index] : [])],
      })),
    ),
  )
  const describe = (key: string, edges: readonly (Edge & Pick<Finding, 'path'>)[]) =>
    findCycles(names, edges).map(cycle => {
      const edge = edges.find(candidate => candidate.from === cycle[0] && candidate.to === cycle[1])
      const message =
        cycle.length === 2
          ? `${key} of "${cycle[0]}" names the service itself`
          : `${key} goes round in a circle: ${cycle.join(' → ')}`
      return finding(edge?.path ?? ['services'], message, { suggestion: 'remove one of them' })
    })
  return [...describe('requires', requires), ...describe('dependsOn', dependsOn)]
}

/** A workload stands for the services that say they run in it. */
const owners = (text: string, services: readonly ServiceSpec[]): readonly string[] =>
  text.includes('/')
    ? services.filter(service => service.workloads.includes(text)).map(service => service.name)
    : [text]

/** Services that could not be told apart in the cluster: the same image, or the same container of a workload. */
export function checkClashes(services: readonly ServiceSpec[]): readonly Finding[] {
  return services.flatMap((service, index) =>
    services.slice(0, index).flatMap(other => {
      const common = service.workloads.filter(workload => other.workloads.includes(workload))
      const sameContainer = service.container !== undefined && service.container === other.container
      const apart = service.container !== undefined && other.container !== undefined && !sameContainer
      if (common.length > 0 && sameContainer)
        return [
          finding(
            ['services', service.name, 'container'],
            `"${service.name}" and "${other.name}" are the same container of ${common.join(', ')}`,
          ),
        ]
      if (normalizedImage(service) !== normalizedImage(other)) return []
      const both = service.workloads.length > 0 && other.workloads.length > 0
      if (both && (common.length === 0 || apart)) return []
      return [
        finding(
          service.image === service.name ? ['services', service.name] : ['services', service.name, 'image'],
          `"${service.name}" and "${other.name}" have the same image "${service.image}"`,
          {
            on: service.image === service.name ? 'key' : 'value',
            suggestion: 'give each its own image, or say with "workloads" which workloads each runs',
          },
        ),
      ]
    }),
  )
}

// Without a tag an image means every tag, so no `:latest` is added here.
function normalizedImage(service: ServiceSpec): string {
  const parsed = parseImageRef(service.image)
  return parsed.ok ? formatImageRef(parsed.value) : service.image
}
