import { spawn } from 'node:child_process'

/** A program in a terminal of its own, of which every byte is seen at once. */
export interface PseudoTerminal extends AsyncDisposable {
  /** Process id of the program. */
  readonly pid: number
  write(keys: string): void
  /**
   * Milliseconds from the keys to output that matches; that many at most. The output is what came since the keys, without escape sequences.
   */
  answer(keys: string, shows: RegExp, bound?: number): Promise<number>
  /** Resolves when what came since the start of the program matches. */
  shows(shows: RegExp, bound: number): Promise<void>
  /** How often it wrote a frame: a synchronized update. */
  readonly frames: () => number
}

export interface PseudoTerminalOptions {
  /** Of a program and its arguments, without quotes. */
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly columns: number
  readonly rows: number
}

const FRAME = '\u001b[?2026h'
const ESCAPES = /\u001b\[[0-9;?]*[A-Za-z]|\u001b[\]P][^\u0007\u001b]*(?:\u0007|\u001b\\)/g

/** Takes `script` of util-linux, which makes a terminal without a multiplexer between it and who looks. */
export async function openPseudoTerminal(options: PseudoTerminalOptions): Promise<PseudoTerminal> {
  const { command, columns, rows, cwd, env } = options
  const line = `stty cols ${columns} rows ${rows}; echo pid $$; exec ${command.join(' ')}`
  const child = spawn('script', ['-qfec', line, '/dev/null'], { cwd, env, stdio: ['pipe', 'pipe', 'ignore'] })
  child.stdout.setEncoding('utf8')
  let seen = ''
  let frames = 0
  const waiting = new Set<() => void>()
  child.stdout.on('data', (text: string) => {
    seen += text
    frames += text.split(FRAME).length - 1
    for (const look of waiting) look()
  })
  const until = async (shows: RegExp, bound: number): Promise<boolean> => {
    let look = () => {}
    let timer: NodeJS.Timeout | undefined
    const found = await new Promise<boolean>(resolve => {
      look = () => {
        if (shows.test(seen.replace(ESCAPES, ''))) resolve(true)
      }
      timer = setTimeout(() => resolve(false), bound)
      waiting.add(look)
      look()
    })
    clearTimeout(timer)
    waiting.delete(look)
    return found
  }
  if (!(await until(/pid \d+/, 5000))) throw new Error('script (util-linux) does not start a program')
  const pid = Number(/pid (\d+)/.exec(seen)?.[1])
  return {
    pid,
    write: keys => void child.stdin.write(keys),
    answer: async (keys, shows, bound = 30_000) => {
      seen = ''
      const at = performance.now()
      child.stdin.write(keys)
      await until(shows, bound)
      return performance.now() - at
    },
    shows: async (shows, bound) => {
      if (!(await until(shows, bound)))
        throw new Error(`the terminal does not show ${shows}:\n${seen.replace(ESCAPES, '').slice(-2000)}`)
    },
    frames: () => frames,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null) return
      process.kill(pid, 'SIGTERM')
      await new Promise(resolve => child.once('exit', resolve))
    },
  }
}
