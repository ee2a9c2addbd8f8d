/** Milliseconds to wait before the next attempt: doubling from `base` up to `cap`, with jitter so that many waiters do not come at once. */
export function backOff(attempt: number, base: number, cap: number): number {
  const full = Math.min(cap, base * 2 ** (attempt - 1))
  return full / 2 + (Math.random() * full) / 2
}

/** Resolves after that many milliseconds, or at once when the signal aborts. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal?.addEventListener('abort', done, { once: true })
  })
}
