import type { Effect } from '../effect.js'
import type { ObjectHolds } from '../hold.js'
import { objectEntries } from '../object-entries.js'
import type { State } from '../state.js'
import { isToBeReplaced } from '../sync/earlier-syncs.js'

type Restart = Omit<Extract<Effect, { type: 'restart' }>, 'run'>

/** Restarts what a person asked to restart, or what an earlier session wrote files to, once it is applied as it should be: an apply on its way may bring other pods by itself. */
export function planRestarts(state: State, { desired, holdOf }: ObjectHolds): Restart[] {
  return objectEntries(state.objects).flatMap(([key, { apply, restart }]) => {
    const isWanted = restart.kind === 'asked' || (restart.kind === 'none' && isToBeReplaced(state, key))
    if (!isWanted || apply.kind !== 'applied') return []
    const wanted = desired(key)
    const isReady = wanted.kind === 'known' && apply.version === wanted.version
    return isReady && holdOf(key) === undefined ? [{ type: 'restart', key }] : []
  })
}
