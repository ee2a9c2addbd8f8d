import { writeSync } from 'node:fs'
import { type HeldWrites, holdWrites } from './terminal-held-writes.js'
import { createInkStreams, type TerminalInput, type TerminalOutput } from './terminal-streams.js'

/** The part of `process` that a terminal's life depends on. */
export type TerminalProcess = Pick<NodeJS.EventEmitter, 'on' | 'off'> & {
  readonly pid: number
  kill(pid: number, signal: NodeJS.Signals): unknown
}

export interface TerminalOptions {
  readonly stdin: TerminalInput
  readonly stdout: TerminalOutput
  /** What is written to it while the alternate screen is shown is held, and written when that is left. */
  readonly stderr: Pick<NodeJS.WriteStream, 'write'>
  /** @default process */
  readonly process?: TerminalProcess
  /** Writes to the terminal before it returns. @default to file descriptor 1 */
  readonly writeNow?: (text: string) => void
  /** Ctrl-C was pressed; in raw mode no signal comes of it. */
  readonly onInterrupt: () => void
  /**
   * Signals to which nobody else in this process listens: the screen is restored, then the signal does what it does. Those that the program
   * answers itself, and that so end in `process.exit`, are left out.
   */
  readonly fatalSignals?: readonly NodeJS.Signals[]
}

/**
 * The alternate screen of a terminal.
 *
 *   off ──enter──► shown ◄──► suspended (another program has the terminal)
 *                    ▲ └────► stopped (Ctrl-Z, SIGTSTP)
 *   leave, exit, a crash or a fatal signal: from each of them to off, for good
 *
 * It is restored however the process ends, but for SIGKILL, at which no program gets a turn: then `reset` brings the terminal back.
 */
export interface Terminal {
  /** For Ink's `render`, with `exitOnCtrlC: false` and `patchConsole: false`. */
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly isShown: boolean
  enter(): void
  /** Restores the terminal, for good. */
  leave(): void
  /**
   * Leaves the terminal to another program for as long as `run` takes: the primary screen, no raw mode, nobody reads its input. Then everything is
   * drawn anew, also where `run` fails.
   */
  suspend<T>(run: () => Promise<T>): Promise<T>
}

type State = 'off' | 'shown' | 'suspended' | 'stopped'

const CTRL_C = 0x03
const CTRL_Z = 0x1a

const CLEAR = '\x1b[2J\x1b[H'
const ENTER = `\x1b[?1049h\x1b[?25l${CLEAR}`
/** Also ends a synchronized update and a colour that were cut short. */
const LEAVE = '\x1b[?2026l\x1b[0m\x1b[?25h\x1b[?1049l'

/** Milliseconds after which a stop is known not to have taken place: a process group that no shell looks after cannot be stopped. */
const STOP_GRACE = 150

export function createTerminal(options: TerminalOptions): Terminal {
  const { stdin, stdout, stderr, onInterrupt, fatalSignals = [] } = options
  const self: TerminalProcess = options.process ?? process
  const writeNow = options.writeNow ?? writeToTerminal
  let state: State = 'off'
  let isOver = false
  let held: HeldWrites | undefined
  let unstopped: NodeJS.Timeout | undefined
  const ink = createInkStreams(stdout, text => {
    if (state === 'shown') write(text)
  })
  // The stream's own `write` is held while the screen is shown, so ours is taken before.
  const original = stdout.write.bind(stdout) as (text: string) => unknown
  const write = (text: string): void => {
    original(text)
  }

  const listeners: readonly (readonly [string, () => void])[] = [
    ['exit', () => end()],
    // Node prints the error and ends; by then the primary screen is back to print it on.
    ['uncaughtExceptionMonitor', () => end()],
    ['SIGTSTP', () => stop(self.pid)],
    ['SIGCONT', () => resume()],
    ...fatalSignals.map(signal => [signal, () => die(signal)] as const),
  ]

  function show(): void {
    state = 'shown'
    held ??= holdWrites([stdout, stderr])
    write(ENTER)
    stdin.setRawMode(true)
    stdin.on('data', onData)
    stdin.ref()
    stdin.resume()
  }

  /** The order matters: from here on Ink's frames are dropped, and the last bytes are out before anything else may end the process. */
  function hide(next: State): void {
    state = next
    stdin.off('data', onData)
    stdin.pause()
    writeNow(LEAVE)
    ignoreFailure(() => stdin.setRawMode(false))
    held?.release(writeNow)
    held = undefined
  }

  function end(): void {
    isOver = true
    clearTimeout(unstopped)
    for (const [event, listener] of listeners) self.off(event, listener)
    stdout.off('resize', redraw)
    if (state === 'shown') hide('off')
    state = 'off'
    stdin.unref()
  }

  function die(signal: NodeJS.Signals): void {
    end()
    self.kill(self.pid, signal)
  }

  /** `target` 0 is the whole process group, which is what a terminal stops: whoever started this program waits in the same group. */
  function stop(target: number): void {
    if (state === 'off' || state === 'stopped') return
    const before = state
    if (before === 'shown') hide('stopped')
    const onStop = listeners.find(([event]) => event === 'SIGTSTP')
    if (onStop !== undefined) self.off(...onStop)
    self.kill(target, 'SIGTSTP')
    // Only the process that goes on comes here. Where it was stopped that is after SIGCONT, which may be told later than this.
    unstopped = setTimeout(resume, STOP_GRACE)
  }

  function resume(): void {
    clearTimeout(unstopped)
    const onStop = listeners.find(([event]) => event === 'SIGTSTP')
    if (onStop !== undefined) {
      self.off(...onStop)
      self.on(...onStop)
    }
    // Stopped by SIGSTOP, which gives no turn: the shell may have changed the terminal meanwhile.
    if (state === 'shown') {
      ignoreFailure(() => stdin.setRawMode(false))
      stdin.off('data', onData)
    }
    if (state === 'shown' || state === 'stopped') {
      show()
      redraw()
      // A stopped process is not told of a new size; this has Node look, and draws again where it differs.
      self.kill(self.pid, 'SIGWINCH')
    }
  }

  /** After `suspend`, unless the process is ending meanwhile. */
  function comeBack(): void {
    if (state !== 'suspended') return
    show()
    redraw()
  }

  function redraw(): void {
    if (state === 'shown') ink.redraw(() => write(CLEAR))
  }

  function onData(chunk: Uint8Array | string): void {
    const bytes = Buffer.from(chunk as Uint8Array)
    const rest = bytes.filter(byte => byte !== CTRL_C && byte !== CTRL_Z)
    if (rest.length > 0) ink.type(rest)
    for (const byte of bytes) {
      if (byte === CTRL_C) onInterrupt()
      // The shell that would wake it up again is there only where a terminal has job control.
      if (byte === CTRL_Z && process.platform !== 'win32') stop(0)
    }
  }

  return {
    stdin: ink.stdin,
    stdout: ink.stdout,
    get isShown() {
      return state === 'shown'
    },
    enter() {
      if (isOver || state !== 'off') return
      for (const [event, listener] of listeners) self.on(event, listener)
      stdout.on('resize', redraw)
      show()
    },
    leave: end,
    async suspend(run) {
      if (state !== 'shown') return run()
      hide('suspended')
      try {
        return await run()
      } finally {
        comeBack()
      }
    },
  }
}

/** A terminal that hung up takes nothing any more, and there is nobody left to tell. */
function ignoreFailure(act: () => void): void {
  try {
    act()
  } catch {}
}

/** Straight to the file descriptor. A terminal may have no room for a moment (EAGAIN); one that is gone is left alone. */
function writeToTerminal(text: string): void {
  let rest = Buffer.from(text)
  for (let attempt = 0; rest.length > 0 && attempt < 1000; attempt++) {
    try {
      rest = rest.subarray(writeSync(1, rest))
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) return
    }
  }
}
