import type { Project, ServiceSpec } from '../../core/project.js'

/** What every hook is told. Those of a service know it, too. */
export function hookEnv(
  project: Project,
  save: number,
  service?: Pick<ServiceSpec, 'name' | 'context'> & { readonly image: string },
): Readonly<Record<string, string>> {
  return {
    DEVLOOP_PROJECT: project.name,
    DEVLOOP_ROOT: project.root,
    DEVLOOP_NAMESPACE: project.namespace.default ?? 'default',
    DEVLOOP_SAVE: String(save),
    ...(service === undefined
      ? {}
      : {
          DEVLOOP_SERVICE: service.name,
          DEVLOOP_IMAGE: service.image,
          DEVLOOP_BUILD_CONTEXT: service.context,
        }),
    ...skaffoldNames(project, service),
  }
}

/** The same under the names that scripts know which were written for hooks of Skaffold. The context of the cluster is added where it is known. */
function skaffoldNames(
  { namespace, root }: Project,
  service: (Pick<ServiceSpec, 'context'> & { readonly image: string }) | undefined,
): Readonly<Record<string, string>> {
  const project = { SKAFFOLD_NAMESPACES: namespace.default ?? 'default', SKAFFOLD_WORK_DIR: root }
  if (service === undefined) return project
  const [, repository = service.image, tag] = /^(.+?)(?::([^/:@]+))?$/.exec(service.image) ?? []
  return {
    ...project,
    SKAFFOLD_IMAGE: service.image,
    SKAFFOLD_IMAGE_REPO: repository,
    ...(tag === undefined ? {} : { SKAFFOLD_IMAGE_TAG: tag }),
    SKAFFOLD_BUILD_CONTEXT: service.context,
    SKAFFOLD_PUSH_IMAGE: 'false',
  }
}
