import { objectsOf } from '../desired.js'
import { serviceStatus } from '../service-status.js'
import type { Ledger, ServiceState, State } from '../state.js'
import { appliedBefore } from './apply.js'
import { updateService } from './update.js'

/** Notes the moment at which the last save of each of these services became live. */
export function recordLive(
  state: State,
  { at, concerned }: { readonly at: number; readonly concerned: readonly ServiceState[] },
): State {
  let next = state
  for (const service of concerned) {
    const { ledger } = service
    if (ledger.liveAt !== undefined && ledger.liveSave === ledger.save) continue
    if (serviceStatus(next, service.name).phase !== 'live') continue
    next = updateService(next, service.name, s => ({
      ...s,
      ledger: { ...s.ledger, ...deployStages(state, s.name, s.ledger), liveAt: at, liveSave: s.ledger.save },
    }))
  }
  return next
}

/** The time of the slowest object: they are applied and rolled out beside each other. */
function deployStages(state: State, service: string, ledger: Ledger): Pick<Ledger, 'stages'> {
  let apply = 0
  let rollout = 0
  for (const key of objectsOf(state, service)) {
    const object = state.objects[key]
    const applied = object === undefined ? undefined : appliedBefore(object.apply)
    if (applied === undefined || applied.save !== ledger.save) continue
    apply = Math.max(apply, applied.at - applied.startedAt)
    if (object?.rollout?.doneAt !== undefined) rollout = Math.max(rollout, object.rollout.doneAt - applied.at)
  }
  return { stages: { ...ledger.stages, apply, rollout } }
}
