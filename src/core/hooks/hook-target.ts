import { objectsOf } from '../desired.js'
import { workloadOfPod } from '../pod-owner.js'
import type { ObservedContainer, ObservedPod } from '../rollout-observation.js'
import type { State } from '../state.js'
import { runningContainers } from '../sync/sync-targets.js'
import type { HookPlace } from './hook-spec.js'

export interface HookTarget {
  readonly namespace: string
  readonly pod: string
  readonly container: string
}

/** The running container that a hook runs in: of the newest image where it is up, of a ready pod, of the newest. Undefined where none runs. */
export function hookTarget(
  state: State,
  { workload, container }: Extract<HookPlace, { kind: 'container' }>,
  service: string | undefined,
): HookTarget | undefined {
  const keys = new Set(
    workload === undefined
      ? service === undefined
        ? []
        : objectsOf(state, service)
      : Object.entries(state.objects).flatMap(([key, { linked }]) =>
          `${linked.ref.kind.toLowerCase()}/${linked.ref.name}` === workload ? [key] : [],
        ),
  )
  const current = new Set(
    service === undefined
      ? []
      : runningContainers(state, service).map(({ namespace, pod }) => `${namespace}/${pod}`),
  )
  const rank = (pod: ObservedPod): number =>
    (current.has(`${pod.namespace}/${pod.name}`) ? 2 : 0) + (pod.ready ? 1 : 0)
  const pods = Object.values(state.observed.pods)
    .filter(pod => !pod.deleting && keys.has(workloadOfPod(state, pod) ?? ''))
    .sort((a, b) => rank(b) - rank(a) || (a.createdAt < b.createdAt ? 1 : -1))
  for (const pod of pods) {
    const key = workloadOfPod(state, pod) ?? ''
    const own = state.objects[key]?.linked.images.find(image => image.service === service && !image.init)
    const wanted = container ?? (workload === undefined ? own?.container : undefined) ?? pod.defaultContainer
    const found = pod.containers.find(one => isRunning(one) && (wanted === undefined || one.name === wanted))
    if (found !== undefined) return { namespace: pod.namespace, pod: pod.name, container: found.name }
  }
  return undefined
}

function isRunning({ init, sidecar, state }: ObservedContainer): boolean {
  return (!init || sidecar) && state.kind === 'running'
}
