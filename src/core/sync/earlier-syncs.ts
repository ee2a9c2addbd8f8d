import type { State } from '../state.js'
import { type RunningContainer, runningContainers } from './sync-targets.js'

/**
 * Whether a service runs in containers to which an earlier session wrote files. Their image may be of the files as they are now, and still they are not: they are
 * replaced before they count as live.
 */
export function isOfEarlierSession(state: State, service: string): boolean {
  return earlierContainers(state, service).length > 0
}

/** Whether that replacement has not begun. */
export function isToBeReplaced(state: State, services: readonly string[]): boolean {
  return services.some(name =>
    earlierContainers(state, name).some(({ containerId }) => state.syncedBefore?.[containerId] === true),
  )
}

/** The state after the replacement of all pods of these services has begun. */
export function withReplacementBegun(state: State, services: readonly string[]): State {
  const ids = services.flatMap(name => earlierContainers(state, name).map(({ containerId }) => containerId))
  if (ids.length === 0) return state
  return {
    ...state,
    syncedBefore: { ...state.syncedBefore, ...Object.fromEntries(ids.map(id => [id, false])) },
  }
}

function earlierContainers(state: State, service: string): readonly RunningContainer[] {
  const { syncedBefore = {} } = state
  if (Object.keys(syncedBefore).length === 0) return []
  return runningContainers(state, service).filter(({ containerId }) => containerId in syncedBefore)
}
