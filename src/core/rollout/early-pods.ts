import type { NetworkProbe } from '../network-probe.js'
import type { ObservedContainer, ObservedPod } from '../rollout-observation.js'
import type { State } from '../state.js'

export interface EarlyPod {
  readonly uid: string
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
    return isAsked && isFresh(pod) && isReplacement(observed, pod)
      ? [{ uid, namespace, pod: name, probes }]
      : []
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

function isReplacement({ replicaSets, workloads }: State['observed'], { owner }: ObservedPod): boolean {
  if (owner?.kind === 'ReplicaSet') return (replicaSets[owner.uid]?.revision ?? 0) > 1
  if (owner?.kind !== 'StatefulSet') return false
  const set = Object.values(workloads).find(({ uid }) => uid === owner.uid)
  return set?.updateRevision !== undefined && set.updateRevision !== set.currentRevision
}
