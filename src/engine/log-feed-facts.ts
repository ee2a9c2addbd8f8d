import { appContainerOf } from '../core/app-container.js'
import { restartText, startText } from '../core/logs/divider-text.js'
import type { LogOrigin } from '../core/logs/log-line.js'
import { roleOf } from '../core/logs/role-of.js'
import { containerKey } from '../core/logs/sources.js'
import { workloadOfPod } from '../core/pod-owner.js'
import type { ContainerTermination, ObservedContainer, ObservedPod } from '../core/rollout-observation.js'
import type { State } from '../core/state.js'
import type { LogSource } from '../ports/pod-logs.js'

/**
 * What is known of the containers whose logs are read. Kept when a pod is gone, for its last lines come after it; and how each run ended is
 * noted as it is seen, for a log may be runs behind the cluster. A few hundred bytes a container, and never forgotten.
 */
export interface LogFacts {
  /** Notes what is seen of these pods, which belong to workloads of ours. */
  see(state: State, pods: readonly ObservedPod[]): void
  originOf(source: LogSource): LogOrigin
  /** What is to be said before the first line of this run, once. */
  mark(source: LogSource): string | undefined
}

interface Facts {
  readonly service: string | undefined
  readonly role: LogOrigin['role']
  readonly image: string
  /** The save that made the image, as known when the pod was first seen. */
  readonly save: number | undefined
  /** By the number of the run. */
  readonly endings: ReadonlyMap<number, ContainerTermination>
}

/** Runs whose ending is kept: a log is never further behind, for the cluster itself has those of two. */
const ENDINGS = 4

export function createLogFacts(): LogFacts {
  const known = new Map<string, Facts>()
  const seen = new Map<string, { readonly pod: ObservedPod; readonly objects: State['objects'] }>()
  /** The run whose beginning was marked last. */
  const marked = new Map<string, number>()

  /** By the reference under which pods run an image: a rollback brings an earlier one. */
  const saves = new Map<string, number>()

  return {
    see(state, pods) {
      for (const { deployable } of Object.values(state.services))
        if (deployable !== undefined) saves.set(deployable.podReference, deployable.save)
      for (const pod of pods) {
        const last = seen.get(pod.uid)
        if (last?.pod === pod && last.objects === state.objects) continue
        seen.set(pod.uid, { pod, objects: state.objects })
        const key = workloadOfPod(state, pod)
        const images = (key === undefined ? undefined : state.objects[key]?.linked.images) ?? []
        const main = appContainerOf(state, pod)
        for (const container of pod.containers) {
          const at = containerKey(pod.uid, container.name)
          const before = known.get(at)
          const service = images.find(image => image.container === container.name)?.service
          known.set(at, {
            service,
            role: roleOf(container, { images, main }),
            image: container.image,
            save: before?.save ?? saves.get(container.image),
            endings: withEndings(before?.endings, container),
          })
        }
      }
      for (const uid of seen.keys()) if (state.observed.pods[uid] === undefined) seen.delete(uid)
    },
    originOf({ namespace, pod, podUid, container, restarts }) {
      const { service, role = 'app' } = known.get(containerKey(podUid, container)) ?? {}
      const of = service === undefined ? {} : { service }
      return { ...of, namespace, pod, podUid, container, role, restarts }
    },
    mark({ podUid, container, restarts, pod }) {
      const key = containerKey(podUid, container)
      if ((marked.get(key) ?? -1) >= restarts) return undefined
      marked.set(key, restarts)
      const facts = known.get(key)
      if (restarts > 0) return restartText(restarts, facts?.endings.get(restarts - 1))
      if (facts?.service === undefined || facts.role !== 'app') return undefined
      return startText({ save: facts.save, image: facts.image, pod })
    },
  }
}

function withEndings(
  before: Facts['endings'] | undefined,
  { restarts, state, lastTermination, containerId }: ObservedContainer,
): Facts['endings'] {
  const endings = new Map(before)
  // Between two runs the last termination may be that of the present one.
  if (lastTermination !== undefined && restarts > 0) {
    const isPresent = lastTermination.containerId !== undefined && lastTermination.containerId === containerId
    endings.set(isPresent ? restarts : restarts - 1, lastTermination)
  }
  if (state.kind === 'terminated') endings.set(restarts, state)
  for (const run of endings.keys()) if (run <= restarts - ENDINGS) endings.delete(run)
  return endings
}
