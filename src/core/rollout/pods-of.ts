import type { ObservedPod, ObservedReplicaSet, ObservedWorkload } from '../rollout-observation.js'

/** The pods of one workload, by whether they are of its newest revision. Both lists are in order of creation, then name. */
export interface WorkloadPods {
  readonly newest: readonly ObservedPod[]
  readonly earlier: readonly ObservedPod[]
  /** The UIDs of the objects that create the newest pods, whose events tell why there are none. */
  readonly creators: readonly string[]
}

/** Finds a workload's pods among those of its namespace, also those that terminate. */
export function podsOf(
  workload: ObservedWorkload,
  pods: readonly ObservedPod[],
  replicaSets: readonly ObservedReplicaSet[],
): WorkloadPods {
  switch (workload.kind) {
    case 'Deployment':
      return podsOfDeployment(workload, pods, replicaSets)
    case 'StatefulSet':
      return split(workload, pods, pod => revisionOf(pod) === workload.updateRevision)
    case 'DaemonSet':
      return podsOfDaemonSet(workload, pods)
    default:
      return split(workload, pods, () => true)
  }
}

function podsOfDeployment(
  workload: ObservedWorkload,
  pods: readonly ObservedPod[],
  replicaSets: readonly ObservedReplicaSet[],
): WorkloadPods {
  const own = replicaSets.filter(set => set.ownerUid === workload.uid)
  // A rollback gives the old ReplicaSet the highest number, so the number alone decides.
  const newest = own.reduce<ObservedReplicaSet | undefined>(
    (best, set) => (best === undefined || set.revision > best.revision ? set : best),
    undefined,
  )
  // ReplicaSets come by another watch than the Deployment: the newest one may not have been seen yet.
  const seen = newest !== undefined && newest.revision >= (workload.revision ?? 0) ? newest : undefined
  const uids = new Set(own.map(set => set.uid))
  const mine = pods.filter(pod => pod.owner !== undefined && uids.has(pod.owner.uid)).sort(byAge)
  return {
    newest: mine.filter(pod => pod.owner?.uid === seen?.uid),
    earlier: mine.filter(pod => pod.owner?.uid !== seen?.uid),
    creators: seen === undefined ? [] : [seen.uid],
  }
}

const TEMPLATE_GENERATION = 'pod-template-generation'

/** A DaemonSet names its revision nowhere; its pods carry the generation of the template, or, after a rollback, an earlier pod's hash. */
function podsOfDaemonSet(workload: ObservedWorkload, pods: readonly ObservedPod[]): WorkloadPods {
  const generationOf = (pod: ObservedPod): number => Number(pod.labels[TEMPLATE_GENERATION] ?? 0)
  const mine = pods.filter(pod => pod.owner?.uid === workload.uid)
  const latest = workload.revision ?? Math.max(0, ...mine.map(generationOf))
  const hashes = new Set(mine.filter(pod => generationOf(pod) === latest).map(revisionOf))
  return split(workload, pods, pod => generationOf(pod) === latest || hashes.has(revisionOf(pod)))
}

function split(
  workload: ObservedWorkload,
  pods: readonly ObservedPod[],
  isNewest: (pod: ObservedPod) => boolean,
): WorkloadPods {
  const mine = pods.filter(pod => (pod.owner?.uid ?? pod.uid) === workload.uid).sort(byAge)
  return {
    newest: mine.filter(isNewest),
    earlier: mine.filter(pod => !isNewest(pod)),
    creators: [workload.uid],
  }
}

function revisionOf(pod: ObservedPod): string | undefined {
  return pod.labels['controller-revision-hash']
}

function byAge(a: ObservedPod, b: ObservedPod): number {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1
  return a.name < b.name ? -1 : 1
}

/** Whether a pod gets traffic: Ready, and not on its way out. */
export function isEndpoint(pod: ObservedPod): boolean {
  return pod.ready && !pod.deleting && !isOver(pod)
}

/** Whether a pod ran to its end. */
export function isOver(pod: ObservedPod): boolean {
  return pod.phase === 'Succeeded' || pod.phase === 'Failed'
}
