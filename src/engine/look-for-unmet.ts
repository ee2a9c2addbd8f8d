import type { Announcement } from '../core/announcement.js'
import { mayBeUnmet, unmetNeed } from '../core/unmet.js'
import type { Clock } from '../ports/clock.js'
import type { Cluster } from '../ports/cluster.js'
import type { Store } from './store.js'

/** Milliseconds that a controller is given to take care of an object. */
const PATIENCE = 15_000

/** Looks once, a while after they were applied, whether autoscalers, load balancers and gateways found what serves them, and tells of those that did not. */
export function lookForUnmet(
  store: Store,
  {
    cluster,
    clock,
    tell,
  }: {
    readonly cluster: Cluster
    readonly clock: Clock
    readonly tell: (announcement: Announcement) => void
  },
): { refresh(): void; stop(): void } {
  const abort = new AbortController()
  /** By UID: an object that was made anew is another one. */
  const looked = new Set<string>()
  const pending = new Set<() => void>()

  const look = async (key: string): Promise<void> => {
    const object = store.getState().objects[key]
    if (object === undefined || abort.signal.aborted) return
    const live = await cluster.get(object.linked.ref, abort.signal)
    if (abort.signal.aborted || !live.ok || live.value === undefined) return
    const message = unmetNeed(live.value)
    if (message !== undefined) tell({ type: 'notice', message })
  }

  return {
    refresh: () => {
      for (const [key, { apply, linked }] of Object.entries(store.getState().objects)) {
        if (apply.kind !== 'applied' || looked.has(apply.uid) || !mayBeUnmet(linked.object)) continue
        looked.add(apply.uid)
        const cancel = clock.after(PATIENCE, () => {
          pending.delete(cancel)
          void look(key)
        })
        pending.add(cancel)
      }
    },
    stop: () => {
      abort.abort()
      for (const cancel of pending) cancel()
      pending.clear()
    },
  }
}
