import type { JournalEntry } from '../core/ownership/journal-entry.js'
import { emptyJournal, reduceJournal } from '../core/ownership/journal-state.js'
import { ok } from '../core/result.js'
import type { Journal } from '../ports/journal.js'
import type { CachedImage, ImageCache } from '../ports/state-store.js'

export interface FakeJournal extends Journal {
  readonly entries: JournalEntry[]
  closed: boolean
}

/** A journal in memory. */
export function createFakeJournal(): FakeJournal {
  let state = emptyJournal
  const fake: FakeJournal = {
    hashKey: 'key',
    entries: [],
    closed: false,
    state: () => state,
    append: async entries => {
      fake.entries.push(...entries)
      state = reduceJournal(entries, state)
      return ok(undefined)
    },
    close: async () => {
      fake.closed = true
    },
  }
  return fake
}

/** Images by their fingerprint, in memory. */
export function createFakeImageCache(): ImageCache {
  const images = new Map<string, CachedImage>()
  return {
    get: fingerprint => images.get(fingerprint),
    all: () => [...images.values()],
    set: async (fingerprint, image) => {
      images.set(fingerprint, image)
      return ok(undefined)
    },
  }
}
