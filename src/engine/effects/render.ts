import type { Effect } from '../../core/effect.js'
import type { Event } from '../../core/event.js'
import { namespaceObject } from '../../core/manifest/generated-namespace.js'
import { type LinkedManifests, linkObjects } from '../../core/manifest/link.js'
import { noInputs, type RenderInputs } from '../../core/manifest/render-inputs.js'
import type { ScopeLookup } from '../../core/manifest/scope.js'
import { selectObjects } from '../../core/manifest/select-objects.js'
import { withStorageClasses } from '../../core/manifest/storage-classes.js'
import { modernise } from '../../core/manifest/successors.js'
import type { Diagnostic } from '../../core/problem.js'
import type { Project } from '../../core/project.js'
import { err, ok, type Result } from '../../core/result.js'
import { selectServices } from '../../core/select-services.js'
import type { ConnectedCluster } from '../../core/state.js'
import type { ManifestSource, RenderedManifests } from '../../ports/manifest-source.js'
import { afterRender, beforeRender, type RenderHooks } from '../hooks/render-hooks.js'

export interface RenderInput {
  readonly project: Project
  /** The cluster that is, or was, connected: its kinds, and what charts may ask it. */
  readonly cluster: Pick<ConnectedCluster, 'context' | 'version' | 'scopes'> | undefined
  readonly only: readonly string[] | undefined
  readonly configHashKey: string
  /** Warnings of what is most likely not meant; absent where nobody asked for them. */
  readonly lint?: (linked: LinkedManifests) => Promise<readonly Diagnostic[]>
  readonly hooks?: RenderHooks
  readonly signal: AbortSignal
}

/** Reads the manifests and prepares them for the project. */
export async function render(
  { run }: Extract<Effect, { type: 'render' }>,
  source: ManifestSource,
  input: RenderInput,
): Promise<Event> {
  const { inputs, result } = await renderWithHooks(source, input)
  if (!result.ok) return { type: 'render-failed', run, problem: result.error, inputs }
  const { linked } = result.value
  const warnings = (await input.lint?.(linked)) ?? []
  return { type: 'render-finished', run, manifests: withWarnings(linked, warnings), inputs }
}

/** Reads the manifests with the project's hooks before and after it, as far as they have something new to do. */
export async function renderWithHooks(source: ManifestSource, input: RenderInput): Promise<ProjectReading> {
  const before = await beforeRender(input)
  if (!before.ok) return { inputs: input.hooks?.inputs ?? noInputs, result: before }
  const { inputs, result } = await renderProject(source, input)
  if (!result.ok) return { inputs, result }
  const after = await afterRender(input, { inputs, objects: result.value.linked.objects })
  return { inputs, result: after.ok ? result : after }
}

export interface RenderedProject extends RenderedManifests {
  readonly linked: LinkedManifests
}

export interface ProjectReading {
  readonly inputs: RenderInputs
  readonly result: Result<RenderedProject>
}

/** What `up`, `deploy` and `render` have in common: objects as they are to be applied, but for the images of services. */
export async function renderProject(source: ManifestSource, input: RenderInput): Promise<ProjectReading> {
  const { project, cluster, signal } = input
  const { inputs, result } = await source.render({
    specs: project.manifests,
    variables: project.variables,
    root: project.root,
    configFile: project.configFile,
    namespace: project.namespace.default ?? 'default',
    cluster:
      cluster === undefined
        ? undefined
        : { context: cluster.context, version: cluster.version, apiVersions: apiVersionsOf(cluster.scopes) },
    signal,
  })
  return { inputs, result: result.ok ? linkProject(result.value, input) : result }
}

/** The kinds of a cluster as charts ask for them, sorted: `apps/v1`, `apps/v1/Deployment`. */
function apiVersionsOf(scopes: ConnectedCluster['scopes']): readonly string[] {
  const kinds = Object.keys(scopes)
  const versions = kinds.map(kind => kind.slice(0, kind.lastIndexOf('/')))
  return [...new Set([...versions, ...kinds])].sort()
}

function linkProject(
  rendered: RenderedManifests,
  { project, cluster, only, configHashKey }: RenderInput,
): Result<RenderedProject> {
  const scope: ScopeLookup = (apiVersion, kind) => {
    const namespaced = cluster?.scopes[`${apiVersion}/${kind}`]
    return namespaced === undefined ? undefined : namespaced ? 'namespaced' : 'cluster'
  }
  const { services, namespace, replace = [] } = project
  const options = { services, namespace, replace, scope, configHashKey }
  // Which versions are gone is the cluster's word: without one, objects stay as they are written.
  const modern =
    cluster === undefined
      ? { objects: rendered.objects, diagnostics: [] }
      : modernise(rendered.objects, kind => kind in cluster.scopes)
  const objects = withStorageClasses(modern.objects, project.storageClasses ?? {})
  const first = linkObjects({ ...options, objects })
  const namespaces = project.namespace.create ? first.namespacesNeeded.filter(name => name !== 'default') : []
  const generated = namespaces.map(name => namespaceObject(name, project.configFile))
  const all =
    generated.length === 0 ? first : linkObjects({ ...options, objects: [...generated, ...objects] })
  const errors = all.diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) return err({ kind: 'render-failed', diagnostics: errors })
  const linked = only === undefined ? all : selected(all, project, only)
  return ok({ ...rendered, linked: withWarnings(linked, [...rendered.warnings, ...modern.diagnostics]) })
}

function selected(all: LinkedManifests, project: Project, only: readonly string[]): LinkedManifests {
  const services = selectServices(project, only, all.objects)
  const objects = selectObjects(all.objects, services, project.namespace.default)
  const taken = new Set(objects)
  return { ...all, objects, unselected: all.objects.filter(object => !taken.has(object)) }
}

function withWarnings(linked: LinkedManifests, warnings: readonly Diagnostic[]): LinkedManifests {
  return { ...linked, diagnostics: [...warnings, ...linked.diagnostics] }
}
