import type { Effect } from '../effect.js'
import type { ObjectHolds } from '../hold.js'
import type { State } from '../state.js'
import { isToBeReplaced } from '../sync/earlier-syncs.js'

type Restart = Omit<Extract<Effect, { type: 'restart' }>, 'run'>

/** Restarts what a person asked to restart, or what an earlier session wrote files to, once it is applied as it should be: an apply on its way may bring other pods by itself. */
export function planRestarts(state: State, { desired, holdOf }: ObjectHolds): Restart[] {
  return Object.entries(state.objects).flatMap(([key, { apply, restart, linked }]) => {
    const wanted = desired(key)
    const isReady = apply.kind === 'applied' && wanted.kind === 'known' && apply.version === wanted.version
    const isWanted =
      restart.kind === 'asked' || (restart.kind === 'none' && isToBeReplaced(state, linked.services))
    return isWanted && isReady && holdOf(key) === undefined ? [{ type: 'restart', key }] : []
  })
}
