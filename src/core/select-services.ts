import { workloadsBehind } from './manifest/behind-endpoint.js'
import type { LinkedObject } from './manifest/link.js'
import type { Project, ServiceSpec } from './project.js'

/** An object of the manifests and the services that build its images. */
export type OwnedWorkload = Pick<LinkedObject, 'ref' | 'object' | 'services'>

/**
 * The services asked for, and all that they depend on or build upon. Without names, all. A dependency on a workload, or on an endpoint
 * that a workload answers at, takes in the services that build its images: those that name it under `workloads`, and those that the manifests say, as far as
 * these are known.
 */
export function selectServices(
  project: Project,
  only: readonly string[] | undefined,
  objects: readonly OwnedWorkload[] = [],
): readonly ServiceSpec[] {
  if (only === undefined) return project.services
  const wanted = new Set<string>()
  const visit = (name: string): void => {
    const service = project.services.find(candidate => candidate.name === name)
    if (service === undefined || wanted.has(name)) return
    wanted.add(name)
    for (const { service: base } of service.requires) visit(base)
    for (const dependency of service.dependsOn) {
      for (const owner of ownersOf(dependency, project, objects)) visit(owner)
    }
    for (const check of service.checks ?? []) {
      const workloads = workloadsBehind(check, objects, project.namespace.default ?? 'default')
      for (const owner of workloads.flatMap(workload => workload.services)) visit(owner)
    }
  }
  for (const name of only) visit(name)
  return project.services.filter(({ name }) => wanted.has(name))
}

function ownersOf(
  dependency: string,
  { services }: Project,
  objects: readonly OwnedWorkload[],
): readonly string[] {
  if (!dependency.includes('/')) return [dependency]
  return [
    ...services.filter(({ workloads }) => workloads.includes(dependency)).map(({ name }) => name),
    ...objects
      .filter(({ ref }) => `${ref.kind.toLowerCase()}/${ref.name}` === dependency)
      .flatMap(object => object.services),
  ]
}
