import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Announcement } from '../core/announcement.js'
import { compileIgnore } from '../core/logs/ignore.js'
import { toLogLine } from '../core/logs/to-log-line.js'
import type { Project } from '../core/project.js'
import type { Adapters } from './compose.js'
import { composeScreen } from './compose-screen.js'
import { wantsColour } from './create-reporter.js'
import type { CommandIo, TerminalIo } from './io.js'

/** The log view on the alternate screen. */
export interface LogsScreen {
  tell(announcement: Announcement): void
  /** Resolves when the person wants to leave. */
  readonly quit: Promise<void>
  /** Restores the terminal. Idempotent. */
  close(): void
}

export interface LogsScreenOptions {
  readonly terminal: TerminalIo
  readonly adapters: Adapters
  readonly project: Project
  /** The kubeconfig context. */
  readonly context: string
  /** Empty: of all. */
  readonly services: readonly string[]
  /** A regular expression. */
  readonly grep: string | undefined
}

/** Loads what draws, which is too heavy for the other commands, and shows it. */
export async function openLogsScreen(io: CommandIo, options: LogsScreenOptions): Promise<LogsScreen> {
  const { terminal: tty, adapters, project, context, services, grep } = options
  const [{ mountLogScreen }, { createTerminal }] = await Promise.all([
    import('../ui/ink/mount-log-screen.js'),
    import('../ui/ink/terminal.js'),
  ])
  // That of the project belongs to `up`, which may run beside this.
  const folder = mkdtempSync(join(tmpdir(), 'devloop-logs-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  const notices: string[] = []
  const own = composeScreen(io, {
    context,
    runner: adapters.runner,
    logDirectory: folder,
    onNotice: message => notices.push(message),
  })
  const terminal = createTerminal({ ...tty, onInterrupt: tty.interrupt, fatalSignals: ['SIGQUIT'] })
  let quit = (): void => {}
  const left = new Promise<void>(resolve => {
    quit = resolve
  })
  terminal.enter()
  const unmount = mountLogScreen({
    store: own.logs,
    stdin: terminal.stdin,
    stdout: terminal.stdout,
    clock: adapters.clock,
    color: wantsColour(true, io.env),
    title: `${project.name} on ${context}`,
    services: services.length > 0 ? services : project.services.map(({ name }) => name),
    ignore: compileIgnore(project.logs.ignore),
    filter: grep === undefined ? '' : `/${grep.replaceAll('/', '\\/')}/`,
    onQuit: quit,
  })
  let isOver = false
  return {
    tell: announcement => {
      const line = isOver ? undefined : toLogLine(announcement, adapters.clock.now())
      if (line !== undefined) own.logs.append(line)
    },
    quit: left,
    close: () => {
      if (isOver) return
      isOver = true
      unmount()
      terminal.leave()
      own.close()
      process.off('exit', remove)
      remove()
      for (const notice of notices) io.stderr.write(`${notice}\n`)
    },
  }
}
