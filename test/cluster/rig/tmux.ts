import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { eventually } from './eventually.js'

const execute = promisify(execFile)

/** A program in a terminal of a tmux server of its own. */
export interface Tmux extends AsyncDisposable {
  /** Process id of the command that was started. */
  readonly pid: number
  /** What the screen shows: one line for each row, without the blanks at its end. With `escapes` also colours, as SGR sequences. */
  screen(options?: { readonly escapes?: boolean }): Promise<string>
  /** The screen with all that scrolled out of it; nothing scrolls out of the alternate screen. */
  history(): Promise<string>
  /** Presses keys as tmux names them (`Enter`, `C-c`, `Up`, `q`), one after the other. */
  press(...keys: readonly string[]): Promise<void>
  /** Types text as it is. */
  type(text: string): Promise<void>
  /** Waits until the screen passes the check, and returns it; fails with the screen after `deadline` milliseconds. */
  waitForScreen(check: RegExp | ((screen: string) => boolean), deadline?: number): Promise<string>
  resize(columns: number, rows: number): Promise<void>
  /** Gives everything that the program writes to a shell command's standard input from now on, byte for byte. */
  pipe(command: string): Promise<void>
  /** Whether the program is on the alternate screen. */
  isAlternate(): Promise<boolean>
  /** Row and column from 0, and whether the cursor is shown. */
  cursor(): Promise<{ readonly row: number; readonly column: number; readonly visible: boolean }>
  /** Ends the server and with it everything that runs in it. */
  kill(): Promise<void>
}

export interface TmuxOptions {
  /** A command line for `sh`. */
  readonly command: string
  /** @default 80 */
  readonly columns?: number
  /** @default 24 */
  readonly rows?: number
  readonly cwd?: string
  /** Besides the environment of this process; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/**
 * Starts a command in a detached tmux of its own socket, without anybody's configuration. The pane stays when the command ends, so that what it
 * left on the screen can be looked at.
 */
export async function startTmux(options: TmuxOptions): Promise<Tmux> {
  const { command, columns = 80, rows = 24, cwd = process.cwd(), env = {} } = options
  await requireTmux()
  const name = `devloop-${process.pid}-${randomBytes(4).toString('hex')}`
  const folder = tmpdir()
  const environment = {
    // What says that no person is there would change what programs show.
    ...Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(CI$|CI_|CONTINUOUS_)/.test(key))),
    TMUX: undefined,
    TMUX_TMPDIR: folder,
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    NO_COLOR: undefined,
    FORCE_COLOR: undefined,
    COLORTERM: 'truecolor',
    ...env,
  }
  const tmux = async (...args: readonly string[]): Promise<string> =>
    (await execute('tmux', ['-L', name, '-f', '/dev/null', ...args], { env: environment, cwd })).stdout
  await tmux(
    ...['start-server', ';', 'set-option', '-g', 'remain-on-exit', 'on', ';'],
    ...['set-option', '-g', 'default-terminal', 'tmux-256color', ';'],
    ...['set-option', '-g', 'history-limit', '20000', ';', 'set-option', '-g', 'status', 'off', ';'],
    // Escape is passed on at once, and not held back for a key that may follow.
    ...['set-option', '-s', 'escape-time', '0', ';'],
    ...['new-session', '-d', '-s', 'main', '-x', String(columns), '-y', String(rows), command],
  )
  const ask = async (format: string): Promise<string> =>
    (await tmux('display-message', '-p', '-t', 'main', format)).trim()

  const screen: Tmux['screen'] = async ({ escapes = false } = {}) => {
    const text = await tmux('capture-pane', '-p', ...(escapes ? ['-e'] : []), '-t', 'main')
    return text.replace(/[ \t]+$/gm, '').replace(/\n$/, '')
  }
  const kill = async (): Promise<void> => {
    // A server that has ended already is what is wanted.
    await tmux('kill-server').catch(() => undefined)
    await rm(join(folder, `tmux-${process.getuid?.() ?? 0}`, name), { force: true })
  }

  return {
    pid: Number(await ask('#{pane_pid}')),
    screen,
    history: async () => (await tmux('capture-pane', '-p', '-S', '-', '-t', 'main')).replace(/[ \t]+$/gm, ''),
    press: async (...keys) => {
      await tmux('send-keys', '-t', 'main', ...keys)
    },
    type: async text => {
      await tmux('send-keys', '-t', 'main', '-l', text)
    },
    waitForScreen: (check, deadline = 60_000) =>
      eventually(async () => {
        const text = await screen()
        if (check instanceof RegExp ? !check.test(text) : !check(text))
          throw new Error(`the screen does not show ${check}:\n${text}`)
        return text
      }, deadline),
    resize: async (width, height) => {
      await tmux('resize-window', '-t', 'main', '-x', String(width), '-y', String(height))
    },
    pipe: async command => {
      await tmux('pipe-pane', '-t', 'main', command)
    },
    isAlternate: async () => (await ask('#{alternate_on}')) === '1',
    cursor: async () => {
      const [row, column, visible] = (await ask('#{cursor_y} #{cursor_x} #{cursor_flag}')).split(' ')
      return { row: Number(row), column: Number(column), visible: visible === '1' }
    },
    kill,
    [Symbol.asyncDispose]: kill,
  }
}

async function requireTmux(): Promise<void> {
  try {
    await execute('tmux', ['-V'])
  } catch {
    throw new Error(
      'This test drives a terminal and needs tmux: install it (for example: apt-get install tmux).',
    )
  }
}
