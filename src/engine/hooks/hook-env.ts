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
  }
}
