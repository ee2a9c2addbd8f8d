import type { Effect } from '../../core/effect.js'
import type { Event } from '../../core/event.js'
import { namespaceObject } from '../../core/manifest/generated-namespace.js'
import { type LinkedManifests, linkObjects } from '../../core/manifest/link.js'
import type { ScopeLookup } from '../../core/manifest/scope.js'
import { selectObjects } from '../../core/manifest/select-objects.js'
import type { Diagnostic, Problem } from '../../core/problem.js'
import type { Project } from '../../core/project.js'
import { err, ok, type Result } from '../../core/result.js'
import { selectServices } from '../../core/select-services.js'
import type { ManifestSource, RenderedManifests } from '../../ports/manifest-source.js'

export interface RenderInput {
  readonly project: Project
  readonly scopes: Readonly<Record<string, boolean>>
  readonly only: readonly string[] | undefined
  readonly configHashKey: string
}

/** Reads the manifests and prepares them for the project. */
export async function render(
  { run }: Extract<Effect, { type: 'render' }>,
  source: ManifestSource,
  input: RenderInput,
): Promise<Event> {
  const failed = (problem: Problem): Event => ({ type: 'render-failed', run, problem })
  const rendered = await renderProject(source, input)
  if (!rendered.ok) return failed(rendered.error)
  const { linked, files, folders } = rendered.value
  return { type: 'render-finished', run, manifests: linked, files, folders }
}

export interface RenderedProject extends RenderedManifests {
  readonly linked: LinkedManifests
}

/** What `up`, `deploy` and `render` have in common: objects as they are to be applied, but for the images of services. */
export async function renderProject(
  source: ManifestSource,
  { project, scopes, only, configHashKey }: RenderInput,
): Promise<Result<RenderedProject>> {
  const rendered = await source.render(project.manifests, project.variables, project.root)
  if (!rendered.ok) return rendered
  const scope: ScopeLookup = (apiVersion, kind) => {
    const namespaced = scopes[`${apiVersion}/${kind}`]
    return namespaced === undefined ? undefined : namespaced ? 'namespaced' : 'cluster'
  }
  const options = { services: project.services, namespace: project.namespace, scope, configHashKey }
  const first = linkObjects({ ...options, objects: rendered.value.objects })
  const namespaces = project.namespace.create ? first.namespacesNeeded.filter(name => name !== 'default') : []
  const generated = namespaces.map(name => namespaceObject(name, project.configFile))
  const all =
    generated.length === 0
      ? first
      : linkObjects({ ...options, objects: [...generated, ...rendered.value.objects] })
  const errors = all.diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) return err({ kind: 'render-failed', diagnostics: errors })
  const linked =
    only === undefined ? all : { ...all, objects: selectObjects(all.objects, selectServices(project, only)) }
  return ok({ ...rendered.value, linked: withWarnings(linked, rendered.value.warnings) })
}

function withWarnings(linked: LinkedManifests, warnings: readonly Diagnostic[]): LinkedManifests {
  return { ...linked, diagnostics: [...warnings, ...linked.diagnostics] }
}
