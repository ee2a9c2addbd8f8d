import type { Announcement } from '../core/announcement.js'
import { explain } from '../core/explain.js'
import { overridesOf } from '../core/overrides/overrides.js'
import type { OverrideFile } from '../ports/state-store.js'
import type { Store } from './store.js'

/** Keeps what people asked for on the disk, so that the next session goes on with it. */
export interface OverrideRecorder {
  refresh(): void
  /** Resolves when all is written. */
  stop(): Promise<void>
}

/** Gives a session what an earlier one was asked for, and records every change of it. */
export function recordOverrides(
  store: Store,
  { file, tell }: { readonly file: OverrideFile; readonly tell: (announcement: Announcement) => void },
): OverrideRecorder {
  const overrides = file.read()
  if (overrides.length > 0) store.dispatch({ type: 'overrides-read', overrides })
  // Those of services that this session has not (it was started for some alone) stay as they are.
  const known = new Set(Object.keys(store.getState().services))
  const foreign = overrides.filter(one => one.type !== 'switched' && !known.has(one.service))
  const now = () => [...foreign, ...overridesOf(store.getState())]
  let written = JSON.stringify(now())
  let isBroken = false
  let writing: Promise<unknown> = Promise.resolve()
  return {
    refresh: () => {
      const present = now()
      const text = JSON.stringify(present)
      if (text === written) return
      written = text
      writing = writing
        .then(() => file.write(present))
        .then(done => {
          if (done.ok || isBroken) return
          isBroken = true
          tell({ type: 'notice', message: `what was asked for is not kept: ${explain(done.error).title}` })
        })
    },
    stop: async () => {
      await writing
    },
  }
}
