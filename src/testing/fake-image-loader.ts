import { cancelled } from '../core/problem.js'
import { err, ok, type Result } from '../core/result.js'
import type { ImageLoader, LoadReport } from '../ports/image-loader.js'

/** One call of `load` that waits to be let go. */
export interface HeldLoad {
  readonly reference: string
  readonly signal: AbortSignal
  settle(result: Result<LoadReport>): void
}

export interface FakeImageLoader extends ImageLoader {
  /** Calls that have not settled, oldest first. Empty while `hold` is off. */
  readonly held: readonly HeldLoad[]
  /** References that nodes have. */
  readonly present: Set<string>
  hold: boolean
  closed: boolean
}

/** A loader whose nodes are a set. While `hold` is on, a load settles only when the test says so, or its signal aborts. */
export function createFakeImageLoader(): FakeImageLoader {
  const held: HeldLoad[] = []
  const present = new Set<string>()
  const fake: FakeImageLoader = {
    held,
    present,
    hold: false,
    closed: false,
    load(reference, { signal }) {
      if (signal.aborted) return Promise.resolve(err(cancelled))
      const had = present.has(reference)
      const report: LoadReport = {
        method: had ? 'present' : 'sparse-push',
        sentBytes: had ? 0 : 1,
        sentLayers: had ? 0 : 1,
        totalLayers: 1,
        reference,
      }
      if (!fake.hold) {
        present.add(reference)
        return Promise.resolve(ok(report))
      }
      return new Promise(resolve => {
        const call: HeldLoad = {
          reference,
          signal,
          settle(result) {
            const index = held.indexOf(call)
            if (index === -1) return
            held.splice(index, 1)
            if (result.ok) present.add(reference)
            resolve(result)
          },
        }
        held.push(call)
        signal.addEventListener('abort', () => call.settle(err(cancelled)), { once: true })
      })
    },
    missing: async references => ok(references.filter(reference => !present.has(reference))),
    async close() {
      fake.closed = true
    },
  }
  return fake
}
