import { render } from 'ink'
import type { HostsReport } from '../../core/hosts/hosts-report.js'
import type { State } from '../../core/state.js'
import type { Clock } from '../../ports/clock.js'
import type { LogStore } from '../../ports/log-store.js'
import type { AppActions, AppSession } from './app/actions.js'
import { App } from './app/app.js'
import { createAppController } from './app/controller.js'
import { createScreenMaker } from './app/screen-maker.js'
import { sizeSource } from './app/size-source.js'
import { createTheme } from './app/theme.js'
import { throttledSource } from './app/throttled-source.js'
import { createLogController } from './logs/log-controller.js'

export interface MountOptions {
  readonly session: AppSession
  readonly logs: LogStore
  /** Of a terminal whose alternate screen is shown (`terminal.ts`), or of a test. */
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly clock: Clock
  /** False where `NO_COLOR` or the like says so. */
  readonly color: boolean
  readonly actions: AppActions
  /** What a browser can open, by service. @default none */
  readonly urls?: () => Readonly<Record<string, string>>
  /** Patterns of `logs.ignore`. @default none */
  readonly ignore?: readonly RegExp[]
  /** @default nothing is known of names */
  readonly hosts?: (state: State) => HostsReport | undefined
}

export interface MountedApp {
  /** Ends the drawing. The screen is as it was last drawn; whoever owns the terminal restores it. Idempotent. */
  unmount(): void
  /** Resolves once the application has ended, and rejects with what broke it. */
  waitUntilExit(): Promise<unknown>
}

/** Milliseconds between two redraws at least. */
const FRAME = 50

/** Draws the screen of `devloop up` and answers keys until `unmount`. */
export function mountApp(options: MountOptions): MountedApp {
  const {
    session,
    clock,
    color,
    actions,
    stdin,
    stdout,
    urls = () => ({}),
    hosts = () => undefined,
  } = options
  const states = throttledSource(
    { get: session.getState, subscribe: session.subscribe },
    { clock, interval: FRAME },
  )
  const size = sizeSource(stdout)
  const services = Object.keys(session.getState().services)
  const logs = createLogController({
    store: options.logs,
    clock,
    theme: { color },
    services,
    ignore: options.ignore ?? [],
  })
  const screen = createScreenMaker({ clock, urls, hosts })
  const controller = createAppController({
    session,
    actions,
    logs,
    urls,
    screen: ui => screen(session.getState(), ui, size.get()),
  })
  const ink = render(
    <App
      states={states}
      size={size}
      controller={controller}
      logs={logs}
      screen={screen}
      theme={createTheme({ color })}
      color={color}
      clock={clock}
    />,
    {
      stdin,
      stdout,
      stderr: stdout,
      exitOnCtrlC: false,
      patchConsole: false,
      maxFps: 1000 / FRAME,
      // Ink 6.8 with `incrementalRendering` goes up one row too few where a frame is less high than the terminal, and leaves rows of the one before.
      incrementalRendering: false,
    },
  )
  let isOver = false
  return {
    unmount: () => {
      if (isOver) return
      isOver = true
      ink.unmount()
      ink.cleanup()
      controller.dispose()
      logs.dispose()
      states.dispose()
    },
    waitUntilExit: () => ink.waitUntilExit(),
  }
}
