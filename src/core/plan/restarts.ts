import type { Effect } from '../effect.js'
import type { ObjectHolds } from '../hold.js'
import type { State } from '../state.js'

type Restart = Omit<Extract<Effect, { type: 'restart' }>, 'run'>

/** Restarts what a person asked to restart, once it is applied as it should be: an apply on its way may bring other pods by itself. */
export function planRestarts(state: State, { desired, holdOf }: ObjectHolds): Restart[] {
  return Object.entries(state.objects).flatMap(([key, { apply, restart }]) => {
    const wanted = desired(key)
    const isReady = apply.kind === 'applied' && wanted.kind === 'known' && apply.version === wanted.version
    return restart.kind === 'asked' && isReady && holdOf(key) === undefined ? [{ type: 'restart', key }] : []
  })
}
