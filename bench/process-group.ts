import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'

/** A command line. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>> | undefined
}

/** A command that runs in a process group of its own. */
export interface RunningGroup {
  readonly ended: boolean
  /** Its exit code; undefined after a signal or when it could not be started. */
  readonly exit: Promise<number | undefined>
  /** The leader's, which is the group's. */
  readonly pid: number | undefined
  /** Lines of stdout so far. */
  readonly lines: readonly string[]
  /** The last of what it wrote, for messages. */
  tail(): string
  /** Ends the group: SIGINT, after the grace (ms) SIGKILL. */
  stop(grace: number): Promise<void>
}

/** Starts a command as the leader of its own process group, so that a Ctrl-C of the terminal does not reach it, and only it is ended. */
export function startGroup({ file, args, env }: Command, cwd: string): RunningGroup {
  const child = spawn(file, args, {
    cwd,
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  const errors: string[] = []
  collect(child.stdout, lines)
  collect(child.stderr, errors)
  let ended = false
  const exit = new Promise<number | undefined>(resolve => {
    const finish = (code?: number | null) => {
      ended = true
      resolve(code ?? undefined)
    }
    child.once('error', error => {
      errors.push(error.message)
      finish()
    })
    child.once('close', finish)
  })
  const lastResort = () => signalGroup(child, 'SIGKILL')
  process.once('exit', lastResort)
  return {
    get ended() {
      return ended
    },
    pid: child.pid,
    exit,
    lines,
    tail: () => [...lines.slice(-15), ...errors.slice(-15)].join('\n'),
    stop: async grace => {
      if (!ended) signalGroup(child, 'SIGINT')
      await Promise.race([exit, delay(grace, undefined, { ref: false })])
      signalGroup(child, 'SIGKILL')
      await Promise.race([exit, delay(5000, undefined, { ref: false })])
      process.off('exit', lastResort)
    },
  }
}

/** Throws where a group that is waited for has ended. */
export function mustRun(group: RunningGroup): void {
  if (group.ended) throw new Error(`ended by itself:\n${group.tail()}`)
}

export interface RunOptions {
  /** Milliseconds until it is ended; a minute if absent. */
  readonly timeout?: number
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly cwd?: string
}

/** Runs a command to its end and gives its stdout; rejects when it fails or takes longer than the bound. */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { timeout = 60_000, env, cwd = process.cwd() } = options
  const group = startGroup({ file, args, env }, cwd)
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    void group.stop(1000)
  }, timeout)
  const code = await group.exit
  clearTimeout(timer)
  await group.stop(0)
  if (code === 0) return group.lines.join('\n')
  const why = isLate ? `took longer than ${timeout / 1000} s` : `exit code ${code ?? 'none'}`
  throw new Error(`${file} ${args.join(' ')}: ${why}\n${group.tail()}`)
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch (error) {
    // The whole group is gone already.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function collect(stream: NodeJS.ReadableStream, lines: string[]): void {
  let rest = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
  })
  stream.once('end', () => {
    if (rest !== '') lines.push(rest)
  })
}
