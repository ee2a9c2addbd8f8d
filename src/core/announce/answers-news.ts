import type { Announcement } from '../announcement.js'
import type { StampedEvent } from '../event.js'
import { workloadOfPod } from '../pod-owner.js'
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
      // Pods that come after a save was live are of a restart, a rollback, or of more replicas.
      return save === 0 || save === liveSave
        ? []
        : [{ type: 'answers', service, save, pod: pod.name, duration: at - savedAt }]
    })
  })
}
