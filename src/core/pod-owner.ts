import { refKey } from './kube-object.js'
import { memo } from './memo.js'
import type { ObservedPod } from './rollout-observation.js'
import type { State } from './state.js'

/** The key of the object of ours that a pod belongs to; undefined for pods of others. */
export function workloadOfPod(state: State, pod: ObservedPod): string | undefined {
  const { owner, namespace } = pod
  if (owner === undefined) {
    const key = refKey({ apiVersion: 'v1', kind: 'Pod', namespace, name: pod.name })
    return state.objects[key] === undefined ? undefined : key
  }
  const uid = owner.kind === 'ReplicaSet' ? state.observed.replicaSets[owner.uid]?.ownerUid : owner.uid
  if (uid === undefined) return undefined
  const workload = byUid(state.observed.workloads).get(uid)
  if (workload === undefined) return undefined
  if (state.objects[workload.key] !== undefined) return workload.key
  if (workload.owner === undefined) return undefined
  // The pod of a Job that a CronJob of ours made.
  const key = refKey({ ...workload.owner, namespace })
  return state.objects[key] === undefined ? undefined : key
}

const byUid = memo(
  (workloads: State['observed']['workloads']) =>
    new Map(Object.values(workloads).map(workload => [workload.uid, workload])),
)
