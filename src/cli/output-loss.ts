import { exitCodes } from '../core/exit-code.js'

/** What becomes of the process when nobody takes its output any more. */
export interface OutputLoss {
  /** A stream cannot be written. `say` tells of it elsewhere. */
  lost(error: NodeJS.ErrnoException, say?: (words: string) => void): void
  /** Of a process that ended for it; undefined where all of its output was taken. */
  exitCode(): number | undefined
  /** Whether it was a terminal that went away. */
  isTerminalGone(): boolean
}

/**
 * A reader that went away (`devloop logs | head`) is no failure. A terminal that is gone, or a disk that is full, ends the process as a signal does: in order, with
 * all that is to be done at the end. Every write after the first that failed fails too, and is of no further interest.
 */
export function createOutputLoss({
  exit,
  interrupt,
}: {
  readonly exit: (code: number) => void
  readonly interrupt: (signal: NodeJS.Signals) => void
}): OutputLoss {
  let code: number | undefined
  return {
    lost: (error, say) => {
      if (error.code === 'EPIPE') return exit(exitCodes.ok)
      if (code !== undefined) return
      // A terminal says EIO once it is gone, and its SIGHUP may come before or after that.
      const isTerminal = error.code === 'EIO' || error.code === 'ENXIO'
      code = isTerminal ? exitCodes.interrupted : exitCodes.machine
      if (!isTerminal)
        say?.(
          `devloop: its output cannot be written, so it ends: ${error.message}\n  → Make room where the output goes, or send it elsewhere.\n`,
        )
      interrupt(isTerminal ? 'SIGHUP' : 'SIGTERM')
    },
    exitCode: () => code,
    isTerminalGone: () => code === exitCodes.interrupted,
  }
}
