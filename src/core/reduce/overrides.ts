import { desiredObject } from '../desired.js'
import { imageName, type Override } from '../overrides/overrides.js'
import { planSwitch, type Switch } from '../overrides/switch.js'
import { linkedOf } from '../overrides/switches.js'
import { objectStatus } from '../service-status.js'
import type { State, Steering } from '../state.js'
import { updateService } from './update.js'

/** Takes up what people had asked for in an earlier session. */
export function restoreOverrides(state: State, overrides: readonly Override[]): State {
  let next = state
  for (const override of overrides) {
    if (override.type === 'switched') {
      const { type: _, ...one } = override
      next = { ...next, switches: { ...next.switches, [one.service]: one } }
    } else
      next = updateService(next, override.service, service => ({
        ...service,
        steering: { ...service.steering, ...steered(override, service.ledger.save) },
      }))
  }
  return next
}

function steered(override: Exclude<Override, { type: 'switched' }>, save: number): Partial<Steering> {
  switch (override.type) {
    case 'paused':
      return { paused: { since: override.since, saves: 0 } }
    case 'scaled-to-zero':
      return { scaledToZero: true }
    case 'rolled-back':
      // Numbers of saves and revisions are not what they were.
      return {
        rolledBack: {
          image: override.image,
          to: imageName(override.image),
          until: save,
          newest: override.newest,
        },
      }
  }
}

/** Begins a switch; one that cannot be changes nothing. */
export function askSwitch(
  state: State,
  asked: { readonly service: string; readonly version: string },
): State {
  const planned = planSwitch(linkedOf(state), asked, state.switches ?? {})
  if (!planned.ok) return state
  return { ...state, switches: { ...state.switches, [planned.value.service]: planned.value } }
}

/** Takes each switch a step on where what it waits for is there. */
export function advanceSwitches(state: State): State {
  let next = state
  for (const one of Object.values(state.switches ?? {})) {
    const stage = nextStage(state, one)
    if (stage === one.stage) continue
    const lowered = stage === 'done' ? one.others : one.lowered
    next = { ...next, switches: { ...next.switches, [one.service]: { ...one, stage, lowered } } }
  }
  return next
}

function nextStage(state: State, { stage, target, service }: Switch): Switch['stage'] {
  switch (stage) {
    case 'raising':
      return isAsWanted(state, target) && objectStatus(state, target).phase === 'live' ? 'moving' : stage
    case 'moving':
      return isAsWanted(state, service) ? 'done' : stage
    case 'done':
      return stage
  }
}

/** Whether what was applied last is what is wanted now. */
function isAsWanted(state: State, key: string): boolean {
  const object = state.objects[key]
  if (object?.apply.kind !== 'applied') return false
  const wanted = desiredObject(state, object.linked)
  return wanted.kind === 'known' && wanted.version === object.apply.version
}
