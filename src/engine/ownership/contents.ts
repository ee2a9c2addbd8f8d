import type { KubeObject } from '../../core/kube-object.js'
import { isMap } from '../../core/ownership/json.js'
import { foreignContents, isListedForContents } from '../../core/ownership/namespace-contents.js'
import { ok, type Result } from '../../core/result.js'
import type { ApiResource, Cluster } from '../../ports/cluster.js'

/** Requests at once: a namespace has some forty kinds, and the API server limits each client. */
const listsAtOnce = 8

/** What somebody else put into a namespace. `ours` holds UIDs. */
export async function foreignInNamespace(
  cluster: Cluster,
  namespace: string,
  ours: ReadonlySet<string>,
): Promise<Result<readonly KubeObject[]>> {
  const discovered = await cluster.discover({ refresh: true })
  if (!discovered.ok) return discovered
  const contents = await contentsOf(cluster, namespace)
  return contents.ok ? ok(foreignContents(contents.value, ours)) : contents
}

/** All that is in a namespace, of kinds that can be listed, without what the cluster itself notes there. Metadata alone. */
export async function contentsOf(
  cluster: Cluster,
  namespace: string,
): Promise<Result<readonly KubeObject[]>> {
  const discovered = await cluster.discover()
  if (!discovered.ok) return discovered
  const resources = uniqueKinds(discovered.value)
  const found: KubeObject[] = []
  for (let start = 0; start < resources.length; start += listsAtOnce) {
    const lists = await Promise.all(
      resources.slice(start, start + listsAtOnce).map(async resource => ({
        resource,
        listed: await cluster.list(resource, { namespace, metadataOnly: true }),
      })),
    )
    for (const { resource, listed } of lists) {
      if (!listed.ok) return listed
      // Metadata alone comes without its kind, or with PartialObjectMetadata's own.
      found.push(
        ...listed.value.map(object => ({ ...object, apiVersion: resource.apiVersion, kind: resource.kind })),
      )
    }
  }
  return ok(found)
}

/** One version of each kind that can be listed in a namespace. */
function uniqueKinds(resources: readonly ApiResource[]): readonly ApiResource[] {
  const kinds = new Map<string, ApiResource>()
  for (const resource of resources) {
    const group = resource.apiVersion.split('/').slice(0, -1).join('/')
    const key = `${group}/${resource.kind}`
    if (!resource.namespaced || !resource.verbs.includes('list') || kinds.has(key)) continue
    if (isListedForContents(resource.apiVersion, resource.kind)) kinds.set(key, resource)
  }
  return [...kinds.values()]
}

/** The objects of a custom kind that are not ours. */
export async function foreignCustomResources(
  cluster: Cluster,
  definition: KubeObject,
  ours: ReadonlySet<string>,
): Promise<Result<readonly KubeObject[]>> {
  const resource = servedResource(definition)
  if (resource === undefined) return ok([])
  const listed = await cluster.list(resource, { metadataOnly: true })
  if (!listed.ok) return listed
  return ok(
    listed.value
      .map(object => ({ ...object, apiVersion: resource.apiVersion, kind: resource.kind }))
      .filter(({ metadata }) => !ours.has(metadata.uid ?? '') && metadata.deletionTimestamp === undefined),
  )
}

function servedResource({ spec }: KubeObject): ApiResource | undefined {
  if (!isMap(spec) || !isMap(spec.names) || !Array.isArray(spec.versions)) return undefined
  const version: unknown = spec.versions.find((item: unknown) => isMap(item) && item.served === true)
  if (!isMap(version)) return undefined
  return {
    apiVersion: `${spec.group}/${version.name}`,
    kind: String(spec.names.kind),
    plural: String(spec.names.plural),
    namespaced: spec.scope === 'Namespaced',
    verbs: ['list'],
  }
}
