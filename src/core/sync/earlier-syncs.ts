import type { State } from '../state.js'
import { type RunningContainer, runningContainers } from './sync-targets.js'

/**
 * Whether a service runs in containers to which an earlier session wrote files. Their image may be of the files as they are now, and still they are not: they are
 * replaced before they count as live.
 */
export function isOfEarlierSession(state: State, service: string): boolean {
  return earlierContainers(state, service).length > 0
}

/** Whether the replacement of such containers of this object has not begun. */
export function isToBeReplaced(state: State, key: string): boolean {
  return containersOfObject(state, key).some(({ containerId }) => state.syncedBefore?.[containerId] === true)
}

/** The state after the replacement of all pods of this object has begun: those of another object of the same service are still to be replaced. */
export function withReplacementBegun(state: State, key: string): State {
  const ids = containersOfObject(state, key).map(({ containerId }) => containerId)
  if (ids.length === 0) return state
  return {
    ...state,
    syncedBefore: { ...state.syncedBefore, ...Object.fromEntries(ids.map(id => [id, false])) },
  }
}

function containersOfObject(state: State, key: string): readonly RunningContainer[] {
  const services = state.objects[key]?.linked.services ?? []
  return services.flatMap(name => earlierContainers(state, name)).filter(({ workload }) => workload === key)
}

function earlierContainers(state: State, service: string): readonly RunningContainer[] {
  const { syncedBefore = {} } = state
  if (Object.keys(syncedBefore).length === 0) return []
  return runningContainers(state, service).filter(({ containerId }) => containerId in syncedBefore)
}
