import type { ObservedContainer, ObservedPod } from '../rollout-observation.js'

/** One run of one container. Has the shape of the port's `LogSource`. */
export interface LogInstance {
  readonly namespace: string
  readonly pod: string
  readonly podUid: string
  readonly container: string
  /** How often the container was restarted before this run. */
  readonly restarts: number
  readonly containerId: string
}

/**
 * For each container of each pod (`containerKey`) the number of the first run whose log was not begun. Never forgotten: a pod may be out of
 * sight for a while (its workload left the manifests and came back) and must not be read from its first line again.
 */
export type BegunLogs = Readonly<Record<string, number>>

export interface LogPlan {
  readonly begun: BegunLogs
  /** Logs to read now, those of one container in the order of its runs. `lost`: runs before it whose logs the cluster no longer has. */
  readonly start: readonly { readonly instance: LogInstance; readonly lost: number }[]
}

/**
 * Which logs to begin, now that the pods are these: every run of every container once, also one that ended before it was seen, as long as
 * the cluster has its log. It has the present run's and that of the one before.
 */
export function planLogs(begun: BegunLogs, pods: readonly ObservedPod[]): LogPlan {
  const next: Record<string, number> = { ...begun }
  const start: { instance: LogInstance; lost: number }[] = []
  for (const pod of pods) {
    for (const container of pod.containers) {
      const key = containerKey(pod.uid, container.name)
      let from = next[key] ?? 0
      for (const instance of reachable(pod, container)) {
        if (instance.restarts < from) continue
        start.push({ instance, lost: instance.restarts - from })
        from = instance.restarts + 1
      }
      next[key] = from
    }
  }
  return { begun: next, start }
}

export function containerKey(podUid: string, container: string): string {
  return `${podUid}/${container}`
}

/** The runs whose logs the cluster still has, the earlier one first. */
function reachable(pod: ObservedPod, container: ObservedContainer): readonly LogInstance[] {
  const { name, containerId, lastTermination, restarts } = container
  const at = { namespace: pod.namespace, pod: pod.name, podUid: pod.uid, container: name }
  const before = lastTermination?.containerId
  const runs: LogInstance[] = []
  if (before !== undefined && before !== containerId && restarts > 0) {
    runs.push({ ...at, restarts: restarts - 1, containerId: before })
  }
  // Between two runs the status still names the container that ended.
  if (containerId !== undefined) runs.push({ ...at, restarts, containerId })
  return runs
}
