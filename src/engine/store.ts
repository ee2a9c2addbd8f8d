import { type OpenProblems, openAfter } from '../core/announce/open-problems.js'
import { announceChange, announceEvent } from '../core/announce.js'
import type { Announcement } from '../core/announcement.js'
import type { Event } from '../core/event.js'
import { reduce } from '../core/reduce.js'
import type { State } from '../core/state.js'

/** Holds the state. Events are reduced in the order in which they were dispatched; a subscriber sees the state after the last of them. */
export interface Store {
  getState(): State
  dispatch(event: Event): void
  /** Tells what is different since this was called last. */
  announce(): void
  /** Called after events were reduced, at most once for those dispatched together. Returns what ends it. */
  subscribe(listener: () => void): () => void
}

export function createStore(options: {
  readonly initial: State
  readonly now: () => number
  readonly tell: (announcement: Announcement) => void
}): Store {
  let state = options.initial
  let told = options.initial
  let open: OpenProblems = new Set()
  let isDraining = false
  const queue: Event[] = []
  const listeners = new Set<() => void>()

  const drain = (): void => {
    isDraining = true
    try {
      for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
        const before = state
        const stamped = { ...event, at: options.now() }
        state = reduce(state, stamped)
        if (state !== before)
          for (const announcement of announceEvent(before, state, stamped)) options.tell(announcement)
      }
    } finally {
      isDraining = false
    }
    for (const listener of [...listeners]) listener()
  }

  return {
    getState: () => state,
    announce: () => {
      const before = told
      told = state
      if (before === state) return
      const announcements = announceChange(before, state, open)
      open = openAfter(open, announcements)
      for (const announcement of announcements) options.tell(announcement)
    },
    dispatch: event => {
      queue.push(event)
      // A listener may dispatch: its events wait for those before them.
      if (!isDraining) drain()
    },
    subscribe: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
