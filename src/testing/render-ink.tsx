import { EventEmitter } from 'node:events'
import { stripVTControlCharacters } from 'node:util'
import { render } from 'ink'
import type { ReactNode } from 'react'

/** Keys as a terminal sends them, for `press`. */
export const KEYS = {
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  pageUp: '\u001b[5~',
  pageDown: '\u001b[6~',
  home: '\u001b[H',
  end: '\u001b[F',
  enter: '\r',
  escape: '\u001b',
  backspace: '\u007f',
  tab: '\t',
  shiftTab: '\u001b[Z',
  ctrlC: '\u0003',
} as const

export interface RenderedInk {
  /** What the screen shows, without styles; rows without trailing spaces. */
  frame(): string
  /** The same with the SGR sequences that Ink wrote. */
  styledFrame(): string
  /** How often Ink drew. */
  readonly draws: number
  /** Sends each argument as one chunk of input, and returns when all of them were read. */
  press(...keys: readonly string[]): Promise<void>
  /** Resolves with the first frame, from the present one on, that fits; rejects after `deadline` milliseconds with the last one. */
  waitFor(fits: (frame: string) => boolean, deadline?: number): Promise<string>
  /** Sets the size and tells those who listen, as a terminal does. */
  resize(columns: number, rows: number): void
  rerender(node: ReactNode): void
  unmount(): void
  /** Resolves once the application has ended by itself or by `unmount`. */
  waitUntilExit(): Promise<unknown>
  readonly stdout: NodeJS.WriteStream
  readonly stdin: NodeJS.ReadStream
}

class FakeStdout extends EventEmitter {
  readonly isTTY = true
  last = ''
  draws = 0
  constructor(
    public columns: number,
    public rows: number,
  ) {
    super()
  }
  write = (text: string): boolean => {
    // Ink in debug mode writes each frame whole, and besides only shows or hides the cursor.
    if (text !== '\u001b[?25l' && text !== '\u001b[?25h') {
      this.last = text
      this.draws++
      this.emit('drawn')
    }
    return true
  }
}

class FakeStdin extends EventEmitter {
  readonly isTTY = true
  private readonly chunks: string[] = []
  setEncoding = () => this
  setRawMode = () => this
  ref = () => this
  unref = () => this
  read = (): string | null => this.chunks.shift() ?? null
  send(chunk: string): void {
    this.chunks.push(chunk)
    this.emit('readable')
  }
}

/** Renders with Ink to a terminal of that size that is not there: every draw is kept whole. */
export function renderInk(
  node: ReactNode,
  size: { readonly columns: number; readonly rows: number },
): RenderedInk {
  const out = new FakeStdout(size.columns, size.rows)
  const input = new FakeStdin()
  // Ink uses no more of the streams than the fakes have.
  const stdout = out as unknown as NodeJS.WriteStream
  const stdin = input as unknown as NodeJS.ReadStream
  const ink = render(node, {
    stdout,
    stdin,
    stderr: stdout,
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
  })
  const frame = () =>
    stripVTControlCharacters(out.last)
      .split('\n')
      .map(row => row.trimEnd())
      .join('\n')
  return {
    frame,
    styledFrame: () => out.last,
    get draws() {
      return out.draws
    },
    async press(...keys) {
      for (const key of keys) {
        input.send(key)
        // Ink tells a lone escape from the beginning of a sequence by waiting for one turn of the event loop; so do we.
        await new Promise(resolve => setImmediate(resolve))
        await new Promise(resolve => setImmediate(resolve))
      }
    },
    waitFor(fits, deadline = 5000) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const shown = frame()
          if (!fits(shown)) return
          out.off('drawn', look)
          clearTimeout(timer)
          resolve(shown)
        }
        const timer = setTimeout(() => {
          out.off('drawn', look)
          reject(new Error(`no frame fitted in ${deadline} ms; the last one:\n${frame()}`))
        }, deadline)
        out.on('drawn', look)
        look()
      })
    },
    resize(columns, rows) {
      out.columns = columns
      out.rows = rows
      out.emit('resize')
    },
    rerender: next => ink.rerender(next),
    unmount: () => {
      ink.unmount()
      ink.cleanup()
    },
    waitUntilExit: () => ink.waitUntilExit(),
    stdout,
    stdin,
  }
}
