import type { Clock } from '../ports/clock.js'

interface InTime<T> {
  readonly clock: Clock
  /** Milliseconds. */
  readonly limit: number
  /** Ends the question earlier. */
  readonly signal: AbortSignal
  /** The answer where none comes in time. */
  readonly late: () => T
}

/** The answer to a question, or `late` when the time is over; what was asked is ended by its signal then. */
export async function answerInTime<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  { clock, limit, signal, late }: InTime<T>,
): Promise<T> {
  const abort = new AbortController()
  const end = (): void => abort.abort()
  signal.addEventListener('abort', end, { once: true })
  let cancel = (): void => {}
  const over = new Promise<T>(resolve => {
    cancel = clock.after(limit, () => resolve(late()))
  })
  try {
    return await Promise.race([ask(abort.signal), over])
  } finally {
    cancel()
    signal.removeEventListener('abort', end)
    // What did not answer in time is not waited for by anybody.
    end()
  }
}
