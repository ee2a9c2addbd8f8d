import { type GcPlan, staleImages, tagsIn } from '../core/gc/stale-images.js'
import { normalizeImageRef, repositoryOf } from '../core/image-ref.js'
import type { KubeObject } from '../core/kube-object.js'
import type { Project } from '../core/project.js'
import { err, ok, type Result } from '../core/result.js'
import type { Cluster } from '../ports/cluster.js'
import type { ImageStore, NodeImageStore } from '../ports/image-store.js'
import type { Journal } from '../ports/journal.js'
import type { ImageCache } from '../ports/state-store.js'

/** Images of each service that stay besides those that something needs. */
export const KEPT_IMAGES = 3

export interface GcTools {
  readonly store: ImageStore
  /** Absent where nodes keep no images of their own. */
  readonly nodes: NodeImageStore | undefined
  readonly cluster: Cluster
  readonly journal: Pick<Journal, 'state'>
  readonly images: Pick<ImageCache, 'all'>
}

/** Finds what can go. Fails rather than to guess where it cannot be known what is in use. `live`: images that a session may go back to. */
export async function planGc(
  { store, nodes, cluster, journal, images }: GcTools,
  project: Project,
  live: readonly string[],
): Promise<Result<GcPlan>> {
  const repositories = new Map<string, number>()
  for (const { image } of project.services) {
    const repository = repositoryOf(image)
    if (repository !== undefined) repositories.set(repository, (repositories.get(repository) ?? 0) + 1)
  }
  const [host, named, inUse] = await Promise.all([
    store.list(),
    nodes === undefined ? ok([]) : nodes.list([...repositories.keys()]),
    objectsThatRunImages(cluster),
  ])
  if (!host.ok) return host
  if (!named.ok) return named
  if (!inUse.ok) return inUse
  const applied = [...journal.state().objects.values()].map(object => object.applied?.object)
  const lastUsed = new Map<string, number>()
  for (const { reference, at } of images.all()) {
    const name = normalizeImageRef(reference)
    if (name !== undefined) lastUsed.set(name, Math.max(at, lastUsed.get(name) ?? 0))
  }
  return ok(
    staleImages({
      repositories,
      host: host.value,
      nodes: named.value,
      usedTags: tagsIn([...inUse.value, ...applied, ...live]),
      lastUsed,
      keep: KEPT_IMAGES,
    }),
  )
}

/** Kinds whose objects run images, or keep what a rollback would run. */
const KINDS: readonly (readonly [apiVersion: string, kind: string])[] = [
  ['v1', 'Pod'],
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'ReplicaSet'],
  ['apps/v1', 'StatefulSet'],
  ['apps/v1', 'DaemonSet'],
  ['apps/v1', 'ControllerRevision'],
  ['batch/v1', 'Job'],
  ['batch/v1', 'CronJob'],
]

/** Of all namespaces: another project may run an image of the same name. */
async function objectsThatRunImages(cluster: Cluster): Promise<Result<readonly KubeObject[]>> {
  const kinds = await cluster.discover()
  if (!kinds.ok) return kinds
  const found: KubeObject[] = []
  for (const [apiVersion, kind] of KINDS) {
    const resource = kinds.value.find(one => one.kind === kind && one.apiVersion === apiVersion)
    if (resource === undefined) continue
    const listed = await cluster.list(resource)
    if (!listed.ok) return listed
    found.push(...listed.value)
  }
  return ok(found)
}

export interface GcReport {
  /** Names taken away in the local engine, and bytes of the layers that only they had. */
  readonly host: number
  readonly bytes: number
  readonly nodes: readonly { readonly node: string; readonly images: number }[]
  /** Names that the engine keeps, for they came into use meanwhile. */
  readonly inUse: readonly string[]
}

/** Takes away what a plan chose, one after another; what is not done when the signal is aborted is left for the next time. */
export async function removeStale(
  { store, nodes }: Pick<GcTools, 'store' | 'nodes'>,
  plan: GcPlan,
  signal: AbortSignal,
): Promise<Result<GcReport>> {
  const inUse: string[] = []
  const done: { node: string; images: number }[] = []
  let host = 0
  let bytes = 0
  // The nodes first: whoever needs an image again can still load it from the engine.
  for (const names of plan.nodes) {
    if (signal.aborted || nodes === undefined) break
    const removed = await nodes.remove(names)
    if (!removed.ok) return err(removed.error)
    done.push({ node: names.node, images: names.names.length })
  }
  for (const { reference, uniqueBytes } of plan.host) {
    if (signal.aborted) break
    const removed = await store.removeReference(reference)
    if (!removed.ok) return err(removed.error)
    if (removed.value) {
      host += 1
      bytes += uniqueBytes
    } else inUse.push(reference)
  }
  return ok({ host, bytes, nodes: done, inUse })
}
