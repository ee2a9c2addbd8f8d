import type { LoadedConfig } from '../../config/parse.js'
import type { Announcement } from '../../core/announcement.js'
import { exitCodeFor, exitCodes } from '../../core/exit-code.js'
import { compileIgnore } from '../../core/logs/ignore.js'
import type { Outcome } from '../../core/outcome.js'
import type { Project } from '../../core/project.js'
import type { Mode } from '../../core/state.js'
import { answerCluster } from '../../engine/answer-cluster.js'
import { answerControl } from '../../engine/answer-control.js'
import { type Session, startSession } from '../../engine/session.js'
import type { SessionTools } from '../../engine/session-tools.js'
import { answerClient } from '../../engine/verify/client-book.js'
import type { OwnerLock, ProjectState } from '../../ports/state-store.js'
import type { Reporter } from '../../ui/reporter.js'
import { atExit } from '../at-exit.js'
import type { CommandEnd } from '../command-end.js'
import { type Adapters, compose } from '../compose.js'
import { composeHooks } from '../compose-hooks.js'
import { composeHosts } from '../compose-hosts.js'
import { composeProvider } from '../compose-provider.js'
import { composeSync } from '../compose-sync.js'
import type { ComposedProvider } from '../composed-provider.js'
import { createReporter, type ReporterOptions } from '../create-reporter.js'
import type { CommandIo } from '../io.js'
import { loadProject, openProject } from '../open-project.js'
import { reportProblem } from '../report-problem.js'
import { screenTerminal } from '../screen-terminal.js'
import { takeTurn } from '../take-turn.js'
import { skaffoldNotices } from '../tell-untranslated.js'
import { openUpScreen, type UpScreen } from '../up-screen.js'

export interface UpOptions extends ReporterOptions {
  readonly file?: string
  readonly services: readonly string[]
  readonly once?: true
  readonly cleanup?: true
  /** False: the end is when all is applied. */
  readonly wait?: boolean
  readonly prune?: 'asked' | 'all'
  /** Run once everything is live; its exit code becomes ours. */
  readonly command?: readonly string[]
}

/** The loop: until Ctrl-C, or with `once` until everything is live or has failed for good. */
export async function up(io: CommandIo, options: UpOptions): Promise<CommandEnd> {
  if ((options.command ?? []).length > 0 && options.once !== true) {
    return {
      kind: 'usage-invalid',
      message: 'a command after -- needs --once',
      hint: 'devloop up --once -- npm test',
    }
  }
  return deploySession(io, options, options.once === true ? 'once' : 'watch')
}

/** Loads and applies what is built, and waits for it. */
export function deploy(io: CommandIo, options: UpOptions): Promise<CommandEnd> {
  return deploySession(io, options, 'deploy')
}

type Kind = 'watch' | 'once' | 'deploy'

async function deploySession(io: CommandIo, options: UpOptions, kind: Kind): Promise<CommandEnd> {
  const adapters = compose(io)
  const loaded = await loadProject(io, options)
  if (!loaded.ok) return loaded.error
  const opened = await openProject(adapters, loaded.value.project)
  if (!opened.ok) return opened.error
  const { state, cluster } = opened.value
  if (kind === 'deploy' && cluster.kind === 'process')
    return {
      kind: 'usage-invalid',
      message:
        'without a cluster there is nothing that devloop deploy could leave running: processes end with it',
      hint: 'Use devloop up, or for a script: devloop up --once -- COMMAND. Beside an up, devloop deploy --dry-run compares.',
    }
  const name = kind === 'watch' ? 'up' : kind === 'once' ? 'up --once' : 'deploy'
  const lock = await takeTurn(state, name, { clock: adapters.clock })
  if (!lock.ok) return lock.error
  try {
    const composed = await composeProvider(cluster, io, state.directory, {
      root: loaded.value.project.root,
      registerChild: (pid, mark) => lock.value.registerChild(pid, mark),
    })
    const create = 'create' in cluster && cluster.create
    const opened = { io, adapters: composed.adapters, loaded: loaded.value, state, options, kind }
    return await withProject({ ...opened, lock: lock.value }, { ...composed, create })
  } finally {
    await lock.value.release()
  }
}

interface Opened {
  readonly io: CommandIo
  readonly adapters: Adapters
  readonly loaded: LoadedConfig
  readonly state: ProjectState
  readonly lock: OwnerLock
  readonly options: UpOptions
  readonly kind: Kind
}

async function withProject(
  opened: Opened,
  { provider, exec, create }: Pick<ComposedProvider, 'provider' | 'exec'> & { readonly create: boolean },
): Promise<CommandEnd> {
  const { io, adapters, loaded, state, options, kind } = opened
  const { project, warnings } = loaded
  await state.endOrphans()
  const images = await state.openImages()
  if (!images.ok) return images.error
  const timings = await state.openTimings()
  if (!timings.ok) return timings.error
  const overrides = await state.openOverrides()
  if (!overrides.ok) return overrides.error
  const lines = createReporter(io, options, adapters.clock)
  const terminal = kind === 'watch' ? screenTerminal(io, options) : undefined
  const screen =
    terminal === undefined
      ? undefined
      : await openUpScreen(io, {
          ...adapters,
          terminal,
          lines,
          context: provider.contextName,
          logsDirectory: state.logsDirectory,
          verbose: options.verbose === true,
          ignore: compileIgnore(project.logs.ignore),
        })
  const reporter = screen?.reporter ?? lines
  const journal = await state.openJournal({
    access: 'write',
    onNotice: message => reporter.tell({ type: 'notice', message }),
  })
  if (!journal.ok) {
    screen?.close()
    return journal.error
  }
  const access = adapters.access(provider.contextName)
  const containers = await composeSync(io, adapters, {
    provider,
    stateFolder: state.directory,
    ...(exec === undefined ? {} : { exec }),
    onNotice: message => reporter.tell({ type: 'notice', message }),
  })
  const tools: SessionTools = {
    ...adapters,
    ...(containers.programs === undefined ? {} : { programs: containers.programs }),
    sync: containers.sync,
    hooks: await composeHooks(io, adapters, {
      exec: containers.exec,
      registerChild: pid => opened.lock.registerChild(pid),
      context: provider.contextName,
      stateFolder: state.directory,
    }),
    images: images.value,
    timings: timings.value,
    overrides: overrides.value,
    configHashKey: state.configHashKey,
    deploy: { provider, access, loader: provider.loader(), journal: journal.value, create },
    hosts: composeHosts(io, adapters, state.meta),
    watcher: kind === 'watch' ? adapters.watcher : undefined,
    isBusy: () => adapters.isGitBusy(project.root),
    // A run that only waits for the pods has nobody to serve.
    ...(kind === 'watch' || (options.command ?? []).length > 0
      ? {
          gateway: { gateway: adapters.localGateway, forward: access.forward },
          forwards: {
            local: adapters.localForwards,
            forward: access.forward,
            ports: await state.openPorts(),
          },
        }
      : {}),
    tell: announcement => reporter.tell(announcement),
  }
  const { services } = options
  const mode: Mode = {
    once: kind !== 'watch',
    build: kind === 'deploy' ? 'reuse' : 'yes',
    deploy: true,
    only: services.length === 0 ? undefined : services,
    ...(options.prune === undefined ? {} : { prune: options.prune }),
    ...(options.wait === undefined ? {} : { wait: options.wait }),
  }
  reporter.tell({
    type: 'session',
    project: project.name,
    services: services.length === 0 ? project.services.map(({ name }) => name) : services,
    mode: kind === 'watch' ? 'up' : 'once',
  })
  const active = loaded.profiles.filter(profile => profile.active)
  for (const { name, why } of active)
    reporter.tell({ type: 'notice', message: `profile ${name} is active: ${why}` })
  const notices =
    loaded.untranslated === undefined
      ? []
      : skaffoldNotices({ configFile: project.configFile, findings: loaded.untranslated }, io.cwd)
  for (const message of [...notices, ...warnings.map(warning => warning.message)])
    reporter.tell({ type: 'notice', message })
  try {
    const session = await startSession({ project, mode, tools, reloadConfig: () => loadProject(io, options) })
    if (!session.ok) return session.error
    const control = await adapters.control.serve(state.socketPath, (request, signal) => {
      switch (request.type) {
        case 'cluster':
          return exec === undefined ? undefined : answerCluster(access, request.ask)
        case 'client':
          // Before that, what is left of earlier commands goes.
          if (session.value.getState().cluster.kind !== 'connected')
            return { error: 'the cluster is not reached' }
          return answerClient(
            { cluster: access.cluster, journal: journal.value, clock: adapters.clock },
            request,
            signal,
          )
        default:
          return answerControl(session.value, request, signal)
      }
    })
    if (!control.ok) reporter.tell({ type: 'problem', final: false, problem: control.error })
    const { code, down } = await untilEnd(opened, session.value, { reporter, screen })
    const action = down ? 'down' : exitAction(opened, session.value.getState().project)
    screen?.close({ down: action === 'down' })
    if (control.ok) await control.value.close()
    await atExit(action, tools, { io, clock: adapters.clock, reporter })
    return code
  } finally {
    screen?.close()
    await containers.close()
    await tools.deploy?.loader.close()
    await access.close()
    await journal.value.close()
  }
}

/** What becomes of the workloads: a `--once` without a command, and a deploy, are there to leave them running. */
function exitAction({ kind, options }: Opened, { onExit }: Project): Project['onExit'] {
  if (options.cleanup === true) return 'down'
  const isUse = kind === 'watch' || (options.command ?? []).length > 0
  return isUse ? onExit : 'keep'
}

/** Waits for the end of the session or for Ctrl-C, and stops it. What was to run against it runs in between. */
async function untilEnd(
  { io, adapters, options }: Opened,
  session: Session,
  { reporter, screen }: { readonly reporter: Reporter; readonly screen: UpScreen | undefined },
): Promise<{ readonly code: number; readonly down: boolean }> {
  const interrupted = new AbortController()
  let left: { readonly down: boolean } | undefined
  screen?.show(session, options => {
    left = options
    void session.stop()
  })
  const off = io.onInterrupt(() => {
    interrupted.abort()
    void session.stop()
  })
  const outcome = await session.ended
  const [program, ...args] = options.command ?? []
  const exitCode =
    outcome.kind === 'succeeded' && program !== undefined && !interrupted.signal.aborted
      ? await runCommand(io, adapters, [program, ...args], interrupted.signal)
      : codeOf(outcome)
  await session.stop()
  off()
  const code = interrupted.signal.aborted ? exitCodes.interrupted : exitCode
  const isStopped = interrupted.signal.aborted || left !== undefined
  const announcement: Announcement = {
    type: 'end',
    exitCode: code,
    outcome: isStopped ? 'stopped' : code === 0 ? 'succeeded' : 'failed',
  }
  reporter.tell(announcement)
  return { code, down: left?.down === true }
}

/** Runs a command in the caller's folder; what it prints goes where it would have gone. */
async function runCommand(
  io: CommandIo,
  { runner }: Adapters,
  argv: readonly [string, ...string[]],
  signal: AbortSignal,
): Promise<number> {
  const ran = await runner.run(argv, {
    cwd: io.cwd,
    signal,
    onLine: (line, stream) => (stream === 'stdout' ? io.stdout : io.stderr).write(`${line}\n`),
  })
  if (ran.ok) return exitCodes.ok
  if (ran.error.kind === 'command-failed' && ran.error.exitCode !== undefined) return ran.error.exitCode
  reportProblem(io, ran.error)
  return exitCodeFor(ran.error)
}

/** The code of the first problem: its cause is what stood in the way of the others. */
function codeOf(outcome: Outcome): number {
  if (outcome.kind !== 'failed') return exitCodes.ok
  const [first] = outcome.problems
  return first === undefined ? exitCodes.failure : exitCodeFor(first)
}
