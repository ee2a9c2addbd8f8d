import type { LinkedObject } from '../core/manifest/link.js'
import { ok, type Result } from '../core/result.js'
import { renderProject } from '../engine/effects/render.js'
import type { ClusterAccess } from '../ports/cluster-access.js'
import type { CommandIo } from './io.js'
import type { ReachedProject } from './reach-up.js'

/** The objects of the manifests as they are now, as an `up` would link them on this cluster. Runs no hooks. */
export async function renderDeclared(
  io: CommandIo,
  { project, adapters, opened: { state } }: ReachedProject,
  { access, signal }: { readonly access: ClusterAccess; readonly signal: AbortSignal },
): Promise<Result<readonly LinkedObject[]>> {
  const identity = await access.cluster.identity()
  if (!identity.ok) return identity
  const resources = await access.cluster.discover()
  if (!resources.ok) return resources
  const { context, version } = identity.value
  const scopes = Object.fromEntries(
    resources.value.map(({ apiVersion, kind, namespaced }) => [`${apiVersion}/${kind}`, namespaced]),
  )
  const { result } = await renderProject(adapters.manifests, {
    project,
    cluster: { context, version, scopes },
    only: undefined,
    configHashKey: state.configHashKey,
    signal,
  })
  if (!result.ok) return result
  for (const { message } of result.value.linked.diagnostics) io.stderr.write(`${message}\n`)
  return ok(result.value.linked.objects)
}
