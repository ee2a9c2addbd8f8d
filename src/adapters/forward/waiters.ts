/** Those who wait until something changes. */
export interface Waiters {
  /** Resolves when all are woken, after so many milliseconds, or when the signal aborts. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>
  wakeAll(): void
}

export function createWaiters(): Waiters {
  const waiting = new Set<() => void>()
  return {
    wait: (milliseconds, signal) =>
      new Promise(resolve => {
        const done = (): void => {
          clearTimeout(timer)
          waiting.delete(done)
          signal.removeEventListener('abort', done)
          resolve()
        }
        const timer = setTimeout(done, Math.ceil(milliseconds))
        waiting.add(done)
        signal.addEventListener('abort', done, { once: true })
        if (signal.aborted) done()
      }),
    wakeAll: () => {
      for (const wake of [...waiting]) wake()
    },
  }
}
