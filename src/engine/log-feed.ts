import type { Announcement } from '../core/announcement.js'
import { workloadOfPod } from '../core/pod-owner.js'
import type { ObservedPod } from '../core/rollout-observation.js'
import type { State } from '../core/state.js'
import type { PodLogs } from '../ports/pod-logs.js'
import { createLogStreams } from './log-streams.js'
import type { Store } from './store.js'

/** Follows the containers of every workload that this session deploys. */
export interface LogFeed {
  refresh(): void
  stop(): Promise<void>
}

export function createLogFeed(
  store: Store,
  logs: PodLogs,
  tell: (announcement: Announcement) => void,
): LogFeed {
  let seen: State['observed']['pods'] | undefined
  let objects: State['objects'] | undefined
  const streams = createLogStreams({
    logs,
    sink: ({ source, event }) => {
      const state = store.getState()
      const pod = state.observed.pods[source.podUid]
      const service = pod === undefined ? undefined : serviceOf(state, pod, source.container)
      const { namespace, pod: name, container, restarts } = source
      const from = {
        ...(service === undefined ? {} : { service }),
        namespace,
        pod: name,
        container,
        restarts,
      }
      tell(
        event.type === 'line'
          ? { type: 'log', ...from, time: event.time, text: event.text }
          : { type: 'log-gap', ...from, message: event.message },
      )
    },
  })
  return {
    refresh: () => {
      const state = store.getState()
      if (state.observed.pods === seen && state.objects === objects) return
      seen = state.observed.pods
      objects = state.objects
      streams.update(Object.values(seen).filter(pod => workloadOfPod(state, pod) !== undefined))
    },
    stop: () => streams.close(),
  }
}

/** The service whose image a container runs; that of its workload where it has only one. */
function serviceOf(state: State, pod: ObservedPod, container: string): string | undefined {
  const key = workloadOfPod(state, pod)
  const linked = key === undefined ? undefined : state.objects[key]?.linked
  return linked?.images.find(image => image.container === container)?.service
}
