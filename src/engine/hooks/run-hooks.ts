import { type HookSpec, hookLine } from '../../core/hooks/hook-spec.js'
import type { HookTarget } from '../../core/hooks/hook-target.js'
import { cancelled, type HookFailed, type Problem } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import { LONGEST_TIMER } from '../../core/timer-limit.js'
import type { HookFiles, HookMemory } from '../../ports/hooks.js'
import type { ExecTarget, PodExec } from '../../ports/pod-exec.js'
import type { ProcessRunner } from '../../ports/process-runner.js'

/** What hooks run with. */
export interface HookTools {
  readonly runner: ProcessRunner
  readonly files: HookFiles
  readonly memory: HookMemory
  /** Absent from a session that deploys nothing. */
  readonly exec?: PodExec
  /** Notes a process group that has to end with this session; absent where nobody keeps such notes. */
  readonly registerChild?: (pid: number) => Promise<Result<void>>
  /** The kubeconfig context, for the hooks' environment. */
  readonly context: string
  /** linux, darwin, win32 … */
  readonly platform: NodeJS.Platform
}

/** What one run of hooks is for. */
export interface HookRun {
  readonly env: Readonly<Record<string, string>>
  /** The container of one that runs in a container; looked for when its turn comes. */
  readonly target: (hook: HookSpec) => HookTarget | undefined
  readonly onLine: (line: string) => void
  readonly signal: AbortSignal
}

/** Lines of its output that a problem has. */
const LAST_LINES = 20

/** Runs hooks one after the other, until one fails (`hook-failed`) or the signal ends them (`cancelled`). */
export async function runHooks(
  hooks: readonly HookSpec[],
  tools: HookTools,
  run: HookRun,
): Promise<Result<void>> {
  for (const hook of hooks) {
    if (run.signal.aborted) return err(cancelled)
    run.onLine(`${hook.stage}: ${hookLine(hook)}`)
    const ended =
      hook.place.kind === 'host' ? await onHost(hook, tools, run) : await inContainer(hook, tools, run)
    if (!ended.ok) return ended
  }
  return ok(undefined)
}

async function onHost(hook: HookSpec, tools: HookTools, run: HookRun): Promise<Result<void>> {
  if (hook.place.kind !== 'host') return ok(undefined)
  const { cwd } = hook.place
  const ran = await tools.runner.run(commandLine(hook.run, tools.platform), {
    cwd,
    env: {
      ...run.env,
      DEVLOOP_HOOK: hook.id,
      DEVLOOP_CONTEXT: tools.context,
      SKAFFOLD_KUBE_CONTEXT: tools.context,
      ...hook.env,
    },
    signal: run.signal,
    onLine: run.onLine,
    keepOutput: false,
    ...(hook.timeout === undefined ? {} : { timeout: patienceOf(hook.timeout) }),
    ...(tools.registerChild === undefined
      ? {}
      : {
          onStart: (pid: number) => {
            void tools.registerChild?.(pid)
          },
        }),
  })
  if (ran.ok) return ok(undefined)
  if (ran.error.kind !== 'command-failed') return err(ran.error)
  const { reason, exitCode, output } = ran.error
  return failed(hook, cwd, { reason, output, ...(exitCode === undefined ? {} : { exitCode }) })
}

const patienceOf = (seconds: number): number => Math.min(seconds * 1000, LONGEST_TIMER)

function commandLine(run: HookSpec['run'], platform: NodeJS.Platform): readonly [string, ...string[]] {
  if (typeof run !== 'string') {
    const [program = '', ...args] = run
    return [program, ...args]
  }
  return platform === 'win32' ? ['cmd.exe', '/d', '/s', '/c', run] : ['/bin/sh', '-c', run]
}

async function inContainer(hook: HookSpec, { exec }: HookTools, run: HookRun): Promise<Result<void>> {
  const target = run.target(hook)
  if (target === undefined || exec === undefined)
    return failed(hook, undefined, { reason: 'no-container', output: [] })
  const place = `${target.pod}/${target.container}`
  const output: string[] = []
  const sink = lineSink(line => {
    output.push(line)
    if (output.length > LAST_LINES) output.shift()
    run.onLine(line)
  })
  const late = new AbortController()
  const timer =
    hook.timeout === undefined ? undefined : setTimeout(() => late.abort(), patienceOf(hook.timeout))
  const argv = typeof hook.run === 'string' ? ['sh', '-c', hook.run] : hook.run
  const ended = await exec.exec(target satisfies ExecTarget, argv, {
    onStdout: sink.write,
    onStderr: sink.write,
    signal: AbortSignal.any([run.signal, late.signal]),
  })
  clearTimeout(timer)
  sink.end()
  if (!ended.ok) {
    if (ended.error.kind === 'cancelled')
      return run.signal.aborted ? err(cancelled) : failed(hook, place, { reason: 'timed-out', output })
    if (ended.error.kind !== 'command-failed') return err(ended.error)
    return failed(hook, place, { reason: ended.error.reason, output: [...output, ...ended.error.output] })
  }
  const { exitCode } = ended.value
  return exitCode === 0 ? ok(undefined) : failed(hook, place, { reason: 'exited', exitCode, output })
}

function failed(
  hook: HookSpec,
  place: string | undefined,
  how: Pick<HookFailed, 'reason' | 'exitCode' | 'output'>,
): Result<never, Problem> {
  return err({
    kind: 'hook-failed',
    hook: hook.id,
    command: hookLine(hook),
    place,
    ...how,
    output: how.output.slice(-LAST_LINES),
    ...(hook.timeout === undefined ? {} : { timeout: hook.timeout }),
  })
}

/** Characters after which a line that does not end is handed on in parts. */
const LONGEST_LINE = 64 << 10

/** Makes lines of pieces of UTF-8. */
function lineSink(onLine: (line: string) => void) {
  const decoder = new TextDecoder()
  let rest = ''
  return {
    write: (chunk: Uint8Array): void => {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/)
      rest = lines.pop() ?? ''
      for (const line of lines) onLine(line)
      if (rest.length < LONGEST_LINE) return
      onLine(rest)
      rest = ''
    },
    end: (): void => {
      if (rest !== '') onLine(rest)
    },
  }
}
