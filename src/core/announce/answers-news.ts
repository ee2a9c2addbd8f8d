import type { Announcement } from '../announcement.js'
import type { StampedEvent } from '../event.js'
import { workloadOfPod } from '../pod-owner.js'
import type { ObservedPod } from '../rollout-observation.js'
import type { State } from '../state.js'

/** Saves that take requests from now on, although Kubernetes has not seen yet that they are ready. */
export function answersNews(
  state: State,
  { observations, at }: Extract<StampedEvent, { type: 'observed' }>,
): readonly Announcement[] {
  return observations.flatMap(observation => {
    const pod = observation.type === 'pod-answers' ? state.observed.pods[observation.uid] : undefined
    const key = pod === undefined || pod.answers !== true ? undefined : workloadOfPod(state, pod)
    if (pod === undefined || key === undefined) return []
    return (state.objects[key]?.linked.services ?? []).flatMap((service): readonly Announcement[] => {
      const { save = 0, savedAt = 0, liveSave } = state.services[service]?.ledger ?? {}
      // Pods that come after a save was live are of a restart, a rollback, or of more replicas; before it was applied they are of the one before.
      return save === 0 || save === liveSave || !runsSave(state, { service, save, key, pod })
        ? []
        : [{ type: 'answers', service, save, pod: pod.name, duration: at - savedAt }]
    })
  })
}

/** Whether the pod can be of the save: it runs the image that the save made, or what the manifests of the save have it run. */
function runsSave(
  { services, objects, render }: State,
  {
    service,
    save,
    key,
    pod,
  }: { readonly service: string; readonly save: number; readonly key: string; readonly pod: ObservedPod },
): boolean {
  const image = services[service]?.deployable
  if (image === undefined || (image.save !== save && render.save !== save)) return false
  const own = objects[key]?.linked.images.filter(one => one.service === service && !one.init) ?? []
  return pod.containers.some(
    ({ name, image: runs }) => runs === image.podReference && own.some(one => one.container === name),
  )
}
