import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'

/** A command line. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** A command that runs in a process group of its own. */
export interface RunningGroup {
  readonly ended: boolean
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
  const exit = new Promise<void>(resolve => {
    child.once('error', error => {
      errors.push(String(error))
      ended = true
      resolve()
    })
    child.once('close', () => {
      ended = true
      resolve()
    })
  })
  const lastResort = () => signalGroup(child, 'SIGKILL')
  process.once('exit', lastResort)
  return {
    get ended() {
      return ended
    },
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

/** Runs a command to its end and gives its stdout; rejects when it fails or takes longer than the bound (ms). */
export function run(file: string, args: readonly string[], timeout = 60_000): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(file, [...args], { timeout, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${file} ${args.join(' ')}: ${stderr.trim() || error.message}`))
    })
  })
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
}
