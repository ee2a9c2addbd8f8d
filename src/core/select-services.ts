import type { Project, ServiceSpec } from './project.js'

/** The services asked for, and all that they depend on or build upon. Without names, all. */
export function selectServices(
  project: Project,
  only: readonly string[] | undefined,
): readonly ServiceSpec[] {
  if (only === undefined) return project.services
  const wanted = new Set<string>()
  const visit = (name: string): void => {
    const service = project.services.find(candidate => candidate.name === name)
    if (service === undefined || wanted.has(name)) return
    wanted.add(name)
    for (const { service: base } of service.requires) visit(base)
    for (const dependency of service.dependsOn) visit(dependency)
  }
  for (const name of only) visit(name)
  return project.services.filter(({ name }) => wanted.has(name))
}
