import { deadlines, retries, slowApplies, stallingLoads } from '../core/retry.js'
import type { Clock } from '../ports/clock.js'
import type { Store } from './store.js'

/** Keeps the timers that a state asks for: one for each retry and each deadline, none at rest. */
export interface Timers {
  refresh(): void
  stop(): void
}

export function createTimers(store: Store, clock: Clock): Timers {
  const pending = new Map<string, () => void>()

  const keep = (id: string, delay: number, fire: () => void): void => {
    if (pending.has(id)) return
    pending.set(
      id,
      clock.after(delay, () => {
        pending.delete(id)
        fire()
      }),
    )
  }

  return {
    refresh: () => {
      const state = store.getState()
      const wanted = new Set<string>()
      for (const { what, delay, id } of retries(state)) {
        wanted.add(`${what} ${id}`)
        keep(`${what} ${id}`, delay, () => store.dispatch({ type: 'retry-due', what }))
      }
      for (const { key, version, at } of deadlines(state)) {
        const id = `deadline ${key} ${version} ${at}`
        wanted.add(id)
        keep(id, Math.max(0, at - clock.now()), () =>
          store.dispatch({ type: 'rollout-deadline-passed', key, version }),
        )
      }
      for (const { key, run, at } of slowApplies(state)) {
        const id = `apply ${key} ${run}`
        wanted.add(id)
        keep(id, Math.max(0, at - clock.now()), () => store.dispatch({ type: 'apply-slowed', key, run }))
      }
      for (const { image, run, at } of stallingLoads(state)) {
        const id = `load ${image} ${run} ${at}`
        wanted.add(id)
        keep(id, Math.max(0, at - clock.now()), () => store.dispatch({ type: 'load-stalled', image, run }))
      }
      for (const [id, cancel] of pending) {
        if (wanted.has(id)) continue
        cancel()
        pending.delete(id)
      }
    },
    stop: () => {
      for (const cancel of pending.values()) cancel()
      pending.clear()
    },
  }
}
