import type { Clock } from '../../../ports/clock.js'

/** A value that changes and says so, in the form that `useSyncExternalStore` takes. */
export interface Source<T> {
  get(): T
  subscribe(listener: () => void): () => void
}

/**
 * The same source, heard of at most once in so many milliseconds. The first change after a quiet time is passed on at once; while nothing changes
 * no timer runs.
 */
export function throttledSource<T>(
  source: Source<T>,
  { clock, interval }: { readonly clock: Clock; readonly interval: number },
): Source<T> & { dispose(): void } {
  const listeners = new Set<() => void>()
  let shown = source.get()
  let last = Number.NEGATIVE_INFINITY
  let cancel: (() => void) | undefined

  const pass = (): void => {
    cancel = undefined
    last = clock.now()
    const value = source.get()
    if (value === shown) return
    shown = value
    for (const listener of [...listeners]) listener()
  }
  const unsubscribe = source.subscribe(() => {
    if (cancel !== undefined) return
    const wait = last + interval - clock.now()
    if (wait <= 0) pass()
    else cancel = clock.after(wait, pass)
  })
  return {
    get: () => shown,
    subscribe: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    dispose: () => {
      unsubscribe()
      cancel?.()
      cancel = undefined
    },
  }
}
