import type { Clock } from './clock.js'

/** Resolves after that many milliseconds, or at once when the signal aborts. */
export function sleep(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve()
    const done = (): void => {
      cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.after(Math.max(0, milliseconds), done)
    signal.addEventListener('abort', done, { once: true })
  })
}
