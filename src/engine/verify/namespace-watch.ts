import type { ObservedPod, ObservedWorkload } from '../../core/rollout-observation.js'
import type { PodEnd } from '../../core/verify/diagnose.js'
import type { Clock } from '../../ports/clock.js'
import type { ClusterObserver } from '../../ports/cluster.js'

/** Pods and workloads of a namespace as they change, and how containers of pods that were deleted ended. */
export interface NamespaceWatch {
  /** By UID. */
  readonly pods: ReadonlyMap<string, ObservedPod>
  /** By `refKey`. */
  readonly workloads: ReadonlyMap<string, ObservedWorkload>
  /** How the container of that name ended in each pod that was deleted while it ran. */
  ends(container: string): readonly PodEnd[]
  /** Whether the check came true within that many milliseconds; looked at whenever something changes. */
  until(check: () => boolean, patience: number): Promise<boolean>
  /** Has those who wait look again. */
  wake(): void
}

export interface NamespaceWatchOptions {
  readonly observer: ClusterObserver
  readonly clock: Clock
  readonly namespace: string
  readonly signal: AbortSignal
}

export function watchNamespace({
  observer,
  clock,
  namespace,
  signal,
}: NamespaceWatchOptions): NamespaceWatch {
  const pods = new Map<string, ObservedPod>()
  const workloads = new Map<string, ObservedWorkload>()
  const deletedAt = new Map<string, number>()
  const ended = new Map<string, { readonly container: string; readonly end: PodEnd }>()
  const waiting = new Set<() => void>()
  const wake = (): void => {
    for (const look of [...waiting]) look()
  }
  const note = (pod: ObservedPod): void => {
    pods.set(pod.uid, pod)
    if (!pod.deleting) return
    const since = deletedAt.get(pod.uid) ?? clock.now()
    deletedAt.set(pod.uid, since)
    for (const { name, state } of pod.containers) {
      const key = `${pod.uid} ${name}`
      if (state.kind === 'terminated' && !ended.has(key))
        ended.set(key, {
          container: name,
          end: { exitCode: state.exitCode, took: Math.max(0, clock.now() - since) },
        })
    }
  }
  observer.observe(
    namespace,
    seen => {
      if (seen.type === 'pod') note(seen.pod)
      else if (seen.type === 'pod-gone') pods.delete(seen.uid)
      else if (seen.type === 'workload') workloads.set(seen.workload.key, seen.workload)
      else return
      wake()
    },
    signal,
  )
  return {
    pods,
    workloads,
    ends: container => [...ended.values()].flatMap(one => (one.container === container ? [one.end] : [])),
    wake,
    until: (check, patience) =>
      new Promise(resolve => {
        const done = (answer: boolean): void => {
          cancel()
          waiting.delete(look)
          signal.removeEventListener('abort', stop)
          resolve(answer)
        }
        const look = (): void => {
          if (check()) done(true)
        }
        const stop = (): void => done(false)
        const cancel = clock.after(patience, stop)
        signal.addEventListener('abort', stop, { once: true })
        waiting.add(look)
        if (signal.aborted) stop()
        else look()
      }),
  }
}
