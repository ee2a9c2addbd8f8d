import type { Announcement } from '../core/announcement.js'
import { explain } from '../core/explain.js'
import type { State } from '../core/state.js'
import { recordsBetween } from '../core/timings/records-between.js'
import type { Timings } from '../ports/state-store.js'

/** Keeps what each save took, once it is live. */
export interface TimingsRecorder {
  /** Takes from what is told how images came to the nodes. */
  note(announcement: Announcement): void
  look(state: State): void
  /** Resolves when all is written. */
  stop(): Promise<void>
}

export function recordTimings(
  timings: Timings,
  options: { readonly initial: State; readonly tell: (announcement: Announcement) => void },
): TimingsRecorder {
  const loads = new Map<string, { readonly method: string; readonly sentBytes: number }>()
  let seen = options.initial
  let isBroken = false
  let writing: Promise<unknown> = Promise.resolve()
  return {
    note: announcement => {
      if (announcement.type !== 'loaded') return
      const { image, method, sentBytes } = announcement
      loads.set(image, { method, sentBytes })
    },
    look: state => {
      const records = recordsBetween(seen, state, loads)
      seen = state
      if (records.length === 0 || isBroken) return
      for (const { image } of records) if (image !== undefined) loads.delete(image)
      writing = timings.add(records).then(written => {
        if (written.ok || isBroken) return
        isBroken = true
        options.tell({
          type: 'notice',
          message: `what saves take is not kept: ${explain(written.error).title}`,
        })
      })
    },
    stop: async () => {
      await writing
    },
  }
}
