import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Announcement } from '../../../src/core/announcement.js'

const bin = fileURLToPath(new URL('../../../bin/devloop.js', import.meta.url))

type Type = Announcement['type']
export type Told<T extends Type = Type> = Extract<Announcement, { readonly type: T }> & {
  readonly at: string
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** One run of the built command line. */
export interface Running extends AsyncDisposable {
  readonly pid: number
  /** What it told so far, where it runs with `--json`. */
  readonly told: readonly Told[]
  readonly exit: Promise<Exit>
  /** What it told of one type since a mark. */
  all<T extends Type>(type: T, since?: number): readonly Told<T>[]
  /** A place in what it told: what comes from now on is after it. */
  mark(): number
  /** The first announcement of a type since a mark that passes the check; fails with what was told when there is none by the deadline. */
  until<T extends Type>(
    type: T,
    options?: {
      readonly since?: number
      readonly where?: (told: Told<T>) => boolean
      readonly deadline?: number
    },
  ): Promise<Told<T>>
  kill(signal: NodeJS.Signals): void
}

export interface RunOptions {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
}

export function startDevloop(args: readonly string[], { cwd, env }: RunOptions): Running {
  const child = spawn(process.execPath, [bin, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const { pid } = child
  if (pid === undefined) throw new Error('devloop could not be started')
  const told: Told[] = []
  const lines: string[] = []
  let stderr = ''
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const check of [...waiting]) check()
  }
  createInterface({ input: child.stdout }).on('line', line => {
    lines.push(line)
    if (args.includes('--json') && line.startsWith('{')) told.push(JSON.parse(line) as Told)
    wake()
  })
  child.stderr.on('data', chunk => {
    stderr += String(chunk)
  })
  let ended: Exit | undefined
  const exit = new Promise<Exit>(resolve => {
    child.once('close', (code, signal) => {
      ended = { code, signal, stdout: lines.join('\n'), stderr }
      resolve(ended)
      wake()
    })
  })
  const all = <T extends Type>(type: T, since = 0) =>
    told.slice(since).filter((one): one is Told<T> => one.type === type)

  const until: Running['until'] = (type, { since = 0, where = () => true, deadline = 60_000 } = {}) =>
    new Promise((resolve, reject) => {
      const done = (act: () => void) => {
        clearTimeout(timer)
        waiting.delete(check)
        act()
      }
      const fail = (why: string) =>
        done(() =>
          reject(
            new Error(
              `no ${type} as asked for: ${why}\n${lines
                .slice(-25)
                .filter(line => !line.includes('load-progress'))
                .join('\n')}\n${stderr}`,
            ),
          ),
        )
      const check = () => {
        const found = all(type, since).find(where)
        if (found !== undefined) done(() => resolve(found))
        else if (ended !== undefined) fail(`devloop ended with ${ended.code ?? ended.signal}`)
      }
      const timer = setTimeout(() => fail(`${deadline} ms passed`), deadline)
      waiting.add(check)
      check()
    })

  return {
    pid,
    told,
    exit,
    all,
    mark: () => told.length,
    until,
    kill: signal => {
      child.kill(signal)
    },
    [Symbol.asyncDispose]: () => endOf(child, exit),
  }
}

async function endOf(child: ChildProcess, exit: Promise<Exit>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  await exit
}
