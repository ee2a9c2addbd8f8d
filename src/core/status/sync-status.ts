import type { ServiceState, State } from '../state.js'
import { isOfEarlierSession } from '../sync/earlier-syncs.js'
import { isSynced, lackingContainers } from '../sync/sync-due.js'
import type { ServiceStatus } from './status.js'

/** Undefined where every container has all files of the last save. */
export function syncStatus(state: State, service: ServiceState): ServiceStatus | undefined {
  if (isOfEarlierSession(state, service.name)) return { phase: 'deploying' }
  const { sync } = service
  if (sync === undefined || !isSynced(state, service)) return undefined
  const left = lackingContainers(state, service).length
  if (left > 0 || sync.running !== undefined)
    return { phase: 'syncing', left, since: sync.running?.startedAt }
  return sync.problem === undefined ? undefined : { phase: 'failed', problem: sync.problem, final: true }
}
