import { type KubeObject, refKey } from '../kube-object.js'
import { isOver } from '../rollout/pods-of.js'
import type { ObservedPod } from '../rollout-observation.js'
import { judgePods, type PodsBehind, podsBehind } from '../routes/pods-behind.js'
import type { State } from '../state.js'
import { forwardRef, memberOf, type WantedForward } from './wanted-forwards.js'

type Target = Pick<WantedForward, 'kind' | 'name' | 'namespace' | 'port'>

/** The pods that take the connections of a forward. `service` is the Service that it names, as far as it is known. */
export function forwardPods(state: State, target: Target, service: KubeObject | undefined): PodsBehind {
  const { kind, name, namespace, port } = target
  if (kind === 'service') return podsBehind(state, { namespace, service: name, port }, service)
  const key = refKey(forwardRef(target))
  const workload = state.observed.workloads[key]
  const parent = memberOf(name)
  const isMember =
    kind === 'pod' || (kind === 'statefulset' && workload === undefined && parent !== undefined)
  const pods = Object.values(state.observed.pods).filter(
    pod =>
      pod.namespace === namespace &&
      !isOver(pod) &&
      (isMember ? pod.name === name : workload !== undefined && creatorOf(state, pod) === workload.uid),
  )
  const owner =
    isMember && parent !== undefined
      ? state.observed.workloads[refKey(forwardRef({ kind: 'statefulset', name: parent, namespace }))]
      : workload
  return judgePods(state, pods, {
    port,
    isWanted: () => state.objects[key] !== undefined || (owner?.desiredReplicas ?? 0) > 0,
    none: `${kind}/${name} has no pod in the namespace ${namespace}.`,
  })
}

/** The workload of a pod: beyond the ReplicaSet where one is between. */
function creatorOf(state: State, { owner }: ObservedPod): string | undefined {
  if (owner?.kind !== 'ReplicaSet') return owner?.uid
  return state.observed.replicaSets[owner.uid]?.ownerUid ?? owner.uid
}
