import { apiGroup, type KubeObject } from '../../core/kube-object.js'
import { claimPattern } from '../../core/ownership/stateful-volumes.js'
import { ok, type Result } from '../../core/result.js'
import type { ApiResource, Cluster } from '../../ports/cluster.js'
import type { Journal } from '../../ports/journal.js'

const claimResource: ApiResource = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  namespaced: true,
  verbs: ['list'],
}

/** Before a StatefulSet of ours comes: the claims that it would take up and that are not ours are written down as foreign. */
export async function recordForeignVolumes(
  { cluster, journal }: { readonly cluster: Cluster; readonly journal: Journal },
  object: KubeObject,
): Promise<Result<void>> {
  if (object.kind !== 'StatefulSet' || apiGroup(object.apiVersion) !== 'apps') return ok(undefined)
  const claims = await claimsOf(cluster, object)
  if (!claims.ok) return claims
  const state = journal.state()
  const ours = new Set([...state.objects.values()].map(owned => ('uid' in owned ? owned.uid : '')))
  const entries = claims.value
    .map(claim => claim.metadata.uid ?? '')
    .filter(uid => !ours.has(uid) && !state.foreignVolumes.has(uid))
    .map(uid => ({ type: 'foreign-volume' as const, uid }))
  return entries.length === 0 ? ok(undefined) : journal.append(entries, { durable: true })
}

/** The claims in the cluster that belong to a StatefulSet's templates, by name. */
export async function claimsOf(
  cluster: Cluster,
  statefulSet: KubeObject,
): Promise<Result<readonly KubeObject[]>> {
  const pattern = claimPattern(statefulSet)
  const namespace = statefulSet.metadata.namespace
  if (pattern === undefined || namespace === undefined) return ok([])
  const listed = await cluster.list(claimResource, { namespace })
  return listed.ok ? ok(listed.value.filter(claim => pattern.test(claim.metadata.name))) : listed
}

const revisionResources: Readonly<Record<string, ApiResource>> = {
  Deployment: {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    plural: 'replicasets',
    namespaced: true,
    verbs: ['list'],
  },
  StatefulSet: {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    plural: 'controllerrevisions',
    namespaced: true,
    verbs: ['list'],
  },
}

/** The ReplicaSets or ControllerRevisions that a workload controls. Whole objects; empty for kinds without. */
export async function listRevisions(
  cluster: Cluster,
  workload: KubeObject,
): Promise<Result<readonly KubeObject[]>> {
  const kind = workload.kind === 'DaemonSet' ? 'StatefulSet' : workload.kind
  const resource = apiGroup(workload.apiVersion) === 'apps' ? revisionResources[kind] : undefined
  const { namespace, uid } = workload.metadata
  if (resource === undefined || namespace === undefined) return ok([])
  const listed = await cluster.list(resource, { namespace })
  if (!listed.ok) return listed
  return ok(listed.value.filter(object => object.metadata.ownerReferences?.some(owner => owner.uid === uid)))
}

export async function revisionsOf(
  cluster: Cluster,
  workload: KubeObject,
): Promise<Result<readonly string[]>> {
  const revisions = await listRevisions(cluster, workload)
  return revisions.ok ? ok(revisions.value.map(({ metadata }) => metadata.uid ?? '')) : revisions
}
