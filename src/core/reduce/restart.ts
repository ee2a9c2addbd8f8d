import type { RestartEvent } from '../event.js'
import type { AppliedVersion, State } from '../state.js'
import { withReplacementBegun } from '../sync/earlier-syncs.js'
import { judgeOne } from './rollout.js'
import { updateObject } from './update.js'

type Stamped<E> = E & { readonly at: number }

/** A restart is a change of the pod template like any other: its rollout is watched and judged from the generation that it made. */
export function reduceRestart(state: State, event: Stamped<RestartEvent>): State {
  const object = state.objects[event.key]
  if (object === undefined) return state
  const { apply, restart } = object
  if (event.type === 'restart-started') {
    return updateObject(withReplacementBegun(state, event.key), event.key, o => ({
      ...o,
      restart: { kind: 'restarting', run: event.run, startedAt: event.at },
    }))
  }
  if (restart.kind !== 'restarting' || restart.run !== event.run) return state
  if (event.type === 'restart-failed' || apply.kind !== 'applied')
    return updateObject(state, event.key, o => ({ ...o, restart: { kind: 'none' } }))
  const restarted: AppliedVersion = {
    ...apply,
    uid: event.uid,
    generation: event.generation,
    at: event.at,
    startedAt: restart.startedAt,
    outcome: 'configured',
  }
  const next = updateObject(state, event.key, o => ({
    ...o,
    apply: { kind: 'applied', ...restarted },
    restart: { kind: 'none' },
    rollout: o.rollout === undefined ? undefined : { ...o.rollout, doneAt: undefined, deadlinePassed: false },
  }))
  return judgeOne(next, event.key, event.at)
}
