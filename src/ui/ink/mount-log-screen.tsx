import { render } from 'ink'
import type { Clock } from '../../ports/clock.js'
import type { LogStore } from '../../ports/log-store.js'
import { createLogController } from './logs/log-controller.js'
import { LogScreen } from './logs/log-screen.js'

export interface MountLogScreenOptions {
  readonly store: LogStore
  /** Of a terminal whose alternate screen is shown (`terminal.ts`), or of a test. */
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly clock: Clock
  /** False where `NO_COLOR` or the like says so. */
  readonly color: boolean
  readonly title: string
  /** In the order of the config. */
  readonly services: readonly string[]
  /** Patterns of `logs.ignore`. */
  readonly ignore: readonly RegExp[]
  /** A filter to begin with, as it is typed. */
  readonly filter: string
  readonly onQuit: () => void
}

/** Milliseconds between two redraws at least. */
const FRAME = 50

/** Draws the log view alone and answers its keys until the returned function is called. All that the store is given is shown, of whatever container. */
export function mountLogScreen(options: MountLogScreenOptions): () => void {
  const { store, stdin, stdout, clock, color, services, ignore, filter, title, onQuit } = options
  const theme = { color }
  const initial = { filter, containers: 'all' } as const
  const controller = createLogController({ store, clock, theme, services, ignore, initial })
  const ink = render(
    <LogScreen controller={controller} theme={theme} sources={services} title={title} onQuit={onQuit} />,
    {
      stdin,
      stdout,
      stderr: stdout,
      exitOnCtrlC: false,
      patchConsole: false,
      maxFps: 1000 / FRAME,
      // Ink 6.8 draws a frame that is lower than the terminal one row too low when it draws only what differs.
      incrementalRendering: false,
    },
  )
  return () => {
    ink.unmount()
    ink.cleanup()
    controller.dispose()
  }
}
