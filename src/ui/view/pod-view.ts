import { runningImage } from '../../core/desired.js'
import { memo } from '../../core/memo.js'
import { workloadOfPod } from '../../core/pod-owner.js'
import { describePod } from '../../core/rollout/describe-pod.js'
import { podsOf } from '../../core/rollout/pods-of.js'
import type { ObservedPod } from '../../core/rollout-observation.js'
import type { State } from '../../core/state.js'
import type { ImageSaves } from './image-saves.js'

/** A pod as a row of the screen shows it. Times are milliseconds since the epoch. */
export interface PodView {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly ready: string
  readonly isReady: boolean
  /** In kubectl's words. */
  readonly status: string
  readonly restarts: number
  readonly createdAt: number
  /** The save that it runs, where that is known. */
  readonly save: number | undefined
  /** Of an earlier revision than the newest of its workload, or of an image that is no longer the service's. */
  readonly stale: boolean
}

/** The pods of one object of the manifests, newest revision first. */
export function podsOfObject(state: State, key: string, saves: ImageSaves): readonly PodView[] {
  const pods = podsByKey(state).get(key) ?? []
  const workload = state.observed.workloads[key]
  const { newest, earlier } =
    workload === undefined
      ? { newest: pods, earlier: [] }
      : podsOf(workload, pods, Object.values(state.observed.replicaSets))
  const views = (of: readonly ObservedPod[], isEarlier: boolean): PodView[] =>
    of.map(pod => viewOf(state, pod, { key, saves, isEarlier }))
  return [...views(newest, false), ...views(earlier, true)]
}

const podsByKey = memo((state: State) => {
  const byKey = new Map<string, ObservedPod[]>()
  for (const pod of Object.values(state.observed.pods)) {
    const key = workloadOfPod(state, pod)
    if (key === undefined) continue
    const same = byKey.get(key)
    if (same === undefined) byKey.set(key, [pod])
    else same.push(pod)
  }
  return byKey
})

function viewOf(
  state: State,
  pod: ObservedPod,
  { key, saves, isEarlier }: { key: string; saves: ImageSaves; isEarlier: boolean },
): PodView {
  const main = pod.containers.filter(({ init }) => !init)
  const known = imagesOf(state, key, pod)
  return {
    uid: pod.uid,
    namespace: pod.namespace,
    name: pod.name,
    ready: `${main.filter(({ ready }) => ready).length}/${main.length}`,
    isReady: pod.ready && !pod.deleting,
    status: describePod(pod),
    restarts: pod.containers.reduce((sum, { restarts }) => sum + restarts, 0),
    createdAt: Date.parse(pod.createdAt),
    save: maxOf(known.flatMap(({ image }) => saves[image] ?? [])),
    stale: isEarlier || known.some(({ image, wanted }) => wanted !== undefined && image !== wanted),
  }
}

/** The images of a pod that services of ours build, and which each should be now. */
function imagesOf(state: State, key: string, pod: ObservedPod) {
  return (state.objects[key]?.linked.images ?? []).flatMap(({ container, service }) => {
    const image = pod.containers.find(({ name }) => name === container)?.image
    if (service === undefined || image === undefined) return []
    return [{ image, wanted: wantedImage(state, service) }]
  })
}

function wantedImage(state: State, name: string): string | undefined {
  const service = state.services[name]
  return service === undefined ? undefined : runningImage(service)?.podReference
}

const maxOf = (numbers: readonly number[]): number | undefined =>
  numbers.length === 0 ? undefined : Math.max(...numbers)
