import type { NetworkProbe } from '../network-probe.js'
import type { ObservedContainer, ObservedPod } from '../rollout-observation.js'
import type { State } from '../state.js'

export interface EarlyPod {
  readonly uid: string
  /** The UID of the Deployment or StatefulSet that it is of. */
  readonly workload: string
  readonly namespace: string
  readonly pod: string
  readonly probes: readonly NetworkProbe[]
}

/**
 * Pods that replace others and may be able to take requests before the kubelet has seen it: it looks at a container that has started up to a second later, and
 * asks its probes a whole period after that. A first start is left to it: nobody waits in front of a gateway for that, and many pods start at once.
 */
export function earlyPods({ observed }: Pick<State, 'observed'>): readonly EarlyPod[] {
  return Object.values(observed.pods).flatMap(pod => {
    const { uid, namespace, name, probes, nodeName, ready, deleting, answers } = pod
    const isAsked = probes !== undefined && nodeName !== undefined && !ready && !deleting && answers !== true
    if (!isAsked || !isFresh(pod)) return []
    const workload = rollingWorkload(observed, pod)
    return workload === undefined ? [] : [{ uid, workload, namespace, pod: name, probes }]
  })
}

/** Whether each container of a pod starts for the first time, or runs since then. */
export function isFresh({ containers, phase }: ObservedPod): boolean {
  return (phase === 'Pending' || phase === 'Running') && containers.every(starts)
}

function starts({ init, restarts, state, lastTermination }: ObservedContainer): boolean {
  if (restarts > 0 || lastTermination !== undefined) return false
  switch (state.kind) {
    case 'running':
      return true
    case 'waiting':
      return /^(|ContainerCreating|PodInitializing)$/.test(state.reason)
    case 'terminated':
      return init && state.exitCode === 0
  }
}

/** The UID of the workload of which a pod replaces another; undefined where it is one of the first. */
function rollingWorkload(
  { replicaSets, workloads }: State['observed'],
  { owner }: ObservedPod,
): string | undefined {
  if (owner?.kind === 'ReplicaSet') {
    const set = replicaSets[owner.uid]
    return set !== undefined && set.revision > 1 ? set.ownerUid : undefined
  }
  if (owner?.kind !== 'StatefulSet') return undefined
  const set = Object.values(workloads).find(({ uid }) => uid === owner.uid)
  const isRolling = set?.updateRevision !== undefined && set.updateRevision !== set.currentRevision
  return isRolling ? owner.uid : undefined
}
