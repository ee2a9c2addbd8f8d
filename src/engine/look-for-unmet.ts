import type { Announcement } from '../core/announcement.js'
import { mayBeUnmet, unmetLines, unmetNeed } from '../core/unmet.js'
import type { Clock } from '../ports/clock.js'
import type { Cluster } from '../ports/cluster.js'
import type { Store } from './store.js'

/** Milliseconds that a controller is given to take care of an object. */
const PATIENCE = 15_000

/** Looks once, a while after the last of them was applied, whether autoscalers, load balancers and gateways found what serves them, and tells of those that did not. */
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
  /** Keys of objects that are looked at when the last of them had its time. */
  const waiting = new Set<string>()
  let cancel: (() => void) | undefined

  const look = async (): Promise<void> => {
    const { objects } = store.getState()
    const refs = [...waiting].flatMap(key => objects[key]?.linked.ref ?? [])
    waiting.clear()
    const needs = await Promise.all(
      refs.map(async ref => {
        const live = await cluster.get(ref, abort.signal)
        return live.ok && live.value !== undefined ? unmetNeed(live.value) : undefined
      }),
    )
    if (abort.signal.aborted) return
    for (const message of unmetLines(needs.filter(need => need !== undefined)))
      tell({ type: 'notice', message })
  }

  return {
    refresh: () => {
      for (const [key, { apply, linked }] of Object.entries(store.getState().objects)) {
        if (apply.kind !== 'applied' || looked.has(apply.uid) || !mayBeUnmet(linked.object)) continue
        looked.add(apply.uid)
        waiting.add(key)
        cancel?.()
        cancel = clock.after(PATIENCE, () => void look())
      }
    },
    stop: () => {
      abort.abort()
      cancel?.()
    },
  }
}
