import type { Clock } from '../ports/clock.js'

export interface FakeClock extends Clock {
  /** Timers that wait, soonest first, as milliseconds from now. */
  pending(): readonly number[]
  /** Lets time pass and calls back what is due in it, in its order. */
  advance(milliseconds: number): void
}

/** Time that stands still until the test lets it pass. */
export function createFakeClock(start = 1_000_000): FakeClock {
  let now = start
  let timers: { readonly at: number; readonly callback: () => void }[] = []
  const soonest = () => timers.toSorted((a, b) => a.at - b.at)
  return {
    now: () => now,
    after: (milliseconds, callback) => {
      const timer = { at: now + milliseconds, callback }
      timers.push(timer)
      return () => {
        timers = timers.filter(other => other !== timer)
      }
    },
    pending: () => soonest().map(({ at }) => at - now),
    advance: milliseconds => {
      const end = now + milliseconds
      for (let next = soonest()[0]; next !== undefined && next.at <= end; next = soonest()[0]) {
        const due = next
        timers = timers.filter(other => other !== due)
        now = due.at
        due.callback()
      }
      now = end
    },
  }
}
