import type { KubeObject } from '../core/kube-object.js'
import { ownedWorkload } from '../core/logs/owned-workloads.js'
import type { LinkedObject } from '../core/manifest/link.js'
import type { AppliedRecord } from '../core/ownership/journal-state.js'
import { cancelled } from '../core/problem.js'
import type { Project } from '../core/project.js'
import { err, ok, type Result } from '../core/result.js'
import { type Revision, revisionsOf } from '../core/why/revisions.js'
import type { Cluster } from '../ports/cluster.js'
import type { Journal } from '../ports/journal.js'

/** A workload in the journal that runs the image of a service. */
export interface ServiceWorkload {
  /** As it was applied last. */
  readonly linked: LinkedObject
  readonly applied: AppliedRecord
  /** Containers that run the service's image. */
  readonly containers: readonly string[]
}

/** The workloads of a service that devloop applied, known without the manifests. */
export function serviceWorkloads(
  journal: Pick<Journal, 'state'>,
  { services, configFile }: Project,
  service: string,
): readonly ServiceWorkload[] {
  return [...journal.state().objects.values()].flatMap(({ applied }) => {
    const linked = applied === undefined ? undefined : ownedWorkload(applied.object, services, configFile)
    if (applied === undefined || linked?.services.includes(service) !== true) return []
    const containers = linked.images
      .filter(image => image.service === service)
      .map(({ container }) => container)
    return [{ linked, applied, containers }]
  })
}

/** The revisions of a workload that the cluster keeps, newest first; none for a kind that has none. */
export async function readRevisions(
  cluster: Cluster,
  { linked, containers }: ServiceWorkload,
  signal: AbortSignal,
): Promise<Result<readonly Revision[]>> {
  const { ref } = linked
  const live = await cluster.get(ref, signal)
  if (!live.ok) return live
  const kind = KEPT[ref.kind]
  if (live.value === undefined || kind === undefined) return ok([])
  const kept = await listKind(cluster, kind, ref.namespace)
  if (!kept.ok) return kept
  return signal.aborted ? err(cancelled) : ok(revisionsOf(live.value, kept.value, containers))
}

const KEPT: Readonly<Record<string, string>> = {
  Deployment: 'ReplicaSet',
  StatefulSet: 'ControllerRevision',
  DaemonSet: 'ControllerRevision',
}

/** All objects of a kind of the group `apps`, in one namespace or in all. */
async function listKind(
  cluster: Cluster,
  kind: string,
  namespace: string | undefined,
): Promise<Result<readonly KubeObject[]>> {
  const kinds = await cluster.discover()
  if (!kinds.ok) return kinds
  const resource = kinds.value.find(one => one.kind === kind && one.apiVersion === 'apps/v1')
  if (resource === undefined) return ok([])
  return cluster.list(resource, namespace === undefined ? {} : { namespace })
}
