import type { Effect } from '../effect.js'
import { goesWhenDone } from '../manifest/cleared-away.js'
import { objectEntries } from '../object-entries.js'
import { objectStatus } from '../service-status.js'
import type { State } from '../state.js'

type Clear = Omit<Extract<Effect, { type: 'clear-hook' }>, 'run'>

/** Deletes hooks that did their work, where their chart says so: when its whole release is live, so that their logs were there to be read. */
export function planHookClears(state: State): Clear[] {
  const { mode, cluster, objects, observed } = state
  if (!mode.deploy || cluster.kind !== 'connected' || !cluster.link.up) return []
  return objectEntries(objects).flatMap(([key, { linked, apply, rollout, clearing }]) => {
    if (linked.hook === undefined || clearing !== undefined || !goesWhenDone(linked.object)) return []
    if (apply.kind !== 'applied' || rollout?.status.kind !== 'done') return []
    const isThere = observed.workloads[key]?.uid === apply.uid || observed.pods[apply.uid] !== undefined
    const isLive = objectEntries(objects).every(
      ([other, object]) =>
        object.linked.release !== linked.release || objectStatus(state, other).phase === 'live',
    )
    return isThere && isLive ? [{ type: 'clear-hook', key, uid: apply.uid }] : []
  })
}
