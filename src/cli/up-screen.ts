import type { Session } from '../engine/session.js'
import type { Clock } from '../ports/clock.js'
import type { ProcessRunner } from '../ports/process-runner.js'
import type { MountedApp } from '../ui/ink/mount-app.js'
import type { Reporter } from '../ui/reporter.js'
import { farewell } from '../ui/view/farewell.js'
import { browserUrls } from '../ui/view/service-urls.js'
import { composeScreen } from './compose-screen.js'
import { wantsColour } from './create-reporter.js'
import type { CommandIo, TerminalIo } from './io.js'
import { openUrl } from './open-url.js'
import { shellInto, shellTarget } from './shell-into.js'

/** The screen of `up`, from before the session begins until it is over. */
export interface UpScreen {
  /** Tells into the logs of the screen; after `close` as lines, for whoever reads the primary screen. */
  readonly reporter: Reporter
  /** Draws a session and answers keys. `onQuit` is called when the person wants to leave. */
  show(session: Session, onQuit: (options: { readonly down: boolean }) => void): void
  /** Restores the terminal and says how things stand; with `down` not how to come back. Idempotent. */
  close(options?: { readonly down: boolean }): void
}

export interface UpScreenOptions {
  readonly terminal: TerminalIo
  readonly clock: Clock
  readonly runner: ProcessRunner
  /** The kubeconfig context. */
  readonly context: string
  readonly logsDirectory: string
  readonly verbose: boolean
  /** Patterns of `logs.ignore`. */
  readonly ignore: readonly RegExp[]
  /** What tells when the screen is not there any more. */
  readonly lines: Reporter
}

/** Loads what draws, which is too heavy for the other commands, and prepares it. Nothing is shown before `show`. */
export async function openUpScreen(io: CommandIo, options: UpScreenOptions): Promise<UpScreen> {
  const { terminal: tty, clock, runner, context, logsDirectory, verbose, lines } = options
  const [{ mountApp }, { createTerminal }, { createInkReporter }] = await Promise.all([
    import('../ui/ink/mount-app.js'),
    import('../ui/ink/terminal.js'),
    import('../ui/ink/create-ink-reporter.js'),
  ])
  const own = composeScreen(io, {
    context,
    runner,
    logDirectory: logsDirectory,
    onNotice: message => told.tell({ type: 'notice', message }),
  })
  const told = createInkReporter(own.logs, { clock, verbose })
  const terminal = createTerminal({ ...tty, onInterrupt: tty.interrupt, fatalSignals: ['SIGQUIT'] })
  let app: MountedApp | undefined
  let shown: Session | undefined
  let isOver = false

  return {
    reporter: { tell: announcement => (isOver ? lines : told).tell(announcement) },
    show: (session, onQuit) => {
      shown = session
      terminal.enter()
      app = mountApp({
        session,
        logs: own.logs,
        ignore: options.ignore,
        stdin: terminal.stdin,
        stdout: terminal.stdout,
        clock,
        color: wantsColour(true, io.env),
        urls: () => browserUrls(session.getState()),
        hosts: state => state.hosts,
        actions: {
          quit: onQuit,
          openUrl: url => openUrl(url, { runner, platform: io.platform, cwd: io.cwd }),
          shell: async service => {
            const target = shellTarget(session.getState(), service)
            return target === undefined
              ? { ok: false, message: `${service}: no pod of it runs` }
              : terminal.suspend(() => shellInto(tty, own.exec, target))
          },
        },
      })
    },
    close: ({ down } = { down: false }) => {
      if (isOver) return
      isOver = true
      app?.unmount()
      terminal.leave()
      own.close()
      if (shown === undefined) return
      for (const line of farewell(shown.getState(), { now: clock.now(), down })) io.stdout.write(`${line}\n`)
    },
  }
}
