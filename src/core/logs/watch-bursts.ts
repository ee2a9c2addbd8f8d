/** What is told of the rate at which lines come. */
export type LogRate = 'burst' | 'calm'

/** Lines a second from which on it is a burst: some hundred is what a busy service says. */
const BURST = 2000

/** For so long the rate is taken, in milliseconds. */
const WINDOW = 250

/** So long after the last window of a burst it is over, in milliseconds. */
const CALM_AFTER = 3000

/** The same shape as `Clock` has it, for what the core needs no port for. */
interface Time {
  now(): number
  after(milliseconds: number, callback: () => void): () => void
}

/**
 * Follows how fast the lines of a store come and tells each change between burst and calm; it begins calm. A timer runs in a burst alone, so that a program
 * at rest stays at rest. Returns what ends it.
 */
export function watchBursts(
  store: { readonly end: number; subscribe(listener: () => void): () => void },
  time: Time,
  tell: (rate: LogRate) => void,
): () => void {
  let from = { end: store.end, at: time.now() }
  let cancel: (() => void) | undefined
  const calm = (): void => {
    cancel = undefined
    tell('calm')
  }
  const unsubscribe = store.subscribe(() => {
    const now = time.now()
    const passed = now - from.at
    if (passed < WINDOW) return
    const isBurst = ((store.end - from.end) * 1000) / passed >= BURST
    from = { end: store.end, at: now }
    if (!isBurst) return
    if (cancel === undefined) tell('burst')
    else cancel()
    cancel = time.after(CALM_AFTER, calm)
  })
  return () => {
    unsubscribe()
    cancel?.()
    cancel = undefined
  }
}
