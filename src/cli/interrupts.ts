/** How long a clean stop may take, in milliseconds: then the process ends whatever hangs. */
const STOP_LIMIT = 10_000

/** Ctrl-C and the signals that ask the process to end. */
export interface Interrupts {
  /** A signal came. The first is told to everyone who asked; the second ends the process at once, as does the first where nobody asked. */
  interrupt(signal: NodeJS.Signals): void
  /** Calls back at each until the returned function is called. */
  onInterrupt(callback: () => void): () => void
}

/**
 * After the first signal the process has ten seconds. What asks to be told of signals only after that, as `onExit: down` does, has begun because of it and takes
 * the time that it needs: the pods that it waits for may have half a minute to end.
 */
export function createInterrupts(
  after: (milliseconds: number, callback: () => void) => unknown,
  exit: (code: number) => void,
): Interrupts {
  const callbacks = new Set<() => void>()
  let count = 0
  return {
    interrupt(signal) {
      // A terminal that goes may say so more than once, and before or after a Ctrl-C: it is nobody's wish for haste.
      if (signal === 'SIGHUP' && count > 0) return
      count += 1
      const code = signal === 'SIGTERM' ? 143 : 130
      if (count > 1 || callbacks.size === 0) return exit(code)
      const told = [...callbacks]
      const limit = (): void => {
        after(STOP_LIMIT, () =>
          [...callbacks].some(callback => !told.includes(callback)) ? limit() : exit(code),
        )
      }
      limit()
      for (const callback of told) callback()
    },
    onInterrupt(callback) {
      callbacks.add(callback)
      return () => callbacks.delete(callback)
    },
  }
}
