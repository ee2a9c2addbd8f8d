import { type KubeObject, refKey, refOf } from '../../core/kube-object.js'
import type { OwnedObject } from '../../core/ownership/journal-state.js'
import { ok, type Result } from '../../core/result.js'
import type { Cluster } from '../../ports/cluster.js'
import type { Journal } from '../../ports/journal.js'
import { claimsOf } from './dependents.js'

interface Tools {
  readonly cluster: Cluster
  readonly journal: Journal
}

/** Writes down the claims that StatefulSets of ours made, before the sets are gone and nothing tells whose they are. */
export async function recordVolumes(tools: Tools, keys?: ReadonlySet<string>): Promise<Result<void>> {
  for (const owned of tools.journal.state().objects.values()) {
    if (keys?.has(owned.key) === false) continue
    const recorded = await recordVolumesOf(tools, owned)
    if (!recorded.ok) return recorded
  }
  return ok(undefined)
}

/** Writes down the claims that one of ours made, if it is a StatefulSet. */
export async function recordVolumesOf(
  { cluster, journal }: Tools,
  owned: OwnedObject,
): Promise<Result<void>> {
  if (owned.ref.kind !== 'StatefulSet' || owned.origin === 'intent') return ok(undefined)
  const state = journal.state()
  const read = await cluster.get(owned.ref)
  if (!read.ok) return read
  const set = read.value ?? owned.applied?.object
  if (set === undefined || (read.value !== undefined && read.value.metadata.uid !== owned.uid))
    return ok(undefined)
  const claims = await claimsOf(cluster, set)
  if (!claims.ok) return claims
  const entries = claims.value
    .filter(claim => !state.foreignVolumes.has(claim.metadata.uid ?? '') && isOfOurReplicas(owned, claim))
    .map(claim => {
      const ref = refOf({ ...claim, apiVersion: 'v1', kind: 'PersistentVolumeClaim' })
      return { type: 'kept-volume' as const, key: refKey(ref), ref, uid: claim.metadata.uid ?? '' }
    })
    .filter(entry => !state.objects.has(entry.key))
  return entries.length === 0 ? ok(undefined) : journal.append(entries, { durable: true })
}

/** Of a set that was there before, only the replicas that our manifest added made claims for us; others may have scaled it since. */
function isOfOurReplicas(owned: OwnedObject, claim: KubeObject): boolean {
  if (owned.origin !== 'adopted') return true
  const ordinal = Number(/-(\d+)$/.exec(claim.metadata.name)?.[1])
  const replicas = owned.applied === undefined ? undefined : replicasOf(owned.applied.object)
  return replicas !== undefined && ordinal >= (replicasOf(owned.snapshot) ?? 1) && ordinal < replicas
}

function replicasOf({ spec }: KubeObject): number | undefined {
  const replicas = typeof spec === 'object' && spec !== null && 'replicas' in spec ? spec.replicas : undefined
  return typeof replicas === 'number' ? replicas : undefined
}
