import type { KubeObject } from '../kube-object.js'
import type { RouteSource } from './route-table.js'

const KINDS: readonly string[] = ['Ingress', 'Gateway', 'HTTPRoute', 'ReferenceGrant']

/** Whether objects of a kind are served though no manifest has them. Others have kinds of the same names. */
export const isLiveKind = ({
  apiVersion,
  kind,
}: {
  readonly apiVersion: string
  readonly kind: string
}): boolean => KINDS.includes(kind) && /^(gateway\.)?networking\.k8s\.io\//.test(apiVersion)

/**
 * The objects of the manifests, dated as the cluster has them, for age decides between rules; then those that only the cluster has. What the manifests say of an
 * object counts, as it is what the cluster is about to have.
 */
export function withLiveRoutes(
  sources: readonly RouteSource[],
  live: readonly KubeObject[],
): readonly RouteSource[] {
  if (live.length === 0) return sources
  const present = new Map(live.map(object => [identityOf(object), object]))
  const dated = sources.map((source): RouteSource => {
    const creationTimestamp = present.get(identityOf(source.object))?.metadata.creationTimestamp
    if (creationTimestamp === undefined) return source
    return {
      ...source,
      object: { ...source.object, metadata: { ...source.object.metadata, creationTimestamp } },
    }
  })
  return [...dated, ...onlyLive(sources, live).map(object => ({ object, place: 'the cluster' }))]
}

/** Those that the manifests do not have, and that are not about to go. */
export function onlyLive(
  own: readonly { readonly object: KubeObject }[],
  live: readonly KubeObject[],
): readonly KubeObject[] {
  const known = new Set(own.map(({ object }) => identityOf(object)))
  return live.filter(
    object => !known.has(identityOf(object)) && object.metadata.deletionTimestamp === undefined,
  )
}

/** Without the version, in which manifests and the cluster may differ. */
const identityOf = ({ apiVersion, kind, metadata: { namespace, name } }: KubeObject): string =>
  `${apiVersion.split('/')[0]} ${kind} ${namespace ?? 'default'} ${name}`
