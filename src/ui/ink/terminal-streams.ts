import { PassThrough, Writable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { splitKeys } from './split-keys.js'

/** The part of `process.stdin` that is used of a terminal's input. */
export type TerminalInput = Pick<
  NodeJS.ReadStream,
  'isTTY' | 'setRawMode' | 'on' | 'off' | 'resume' | 'pause' | 'ref' | 'unref'
>

/** The part of `process.stdout` that is used of a terminal's output. */
export type TerminalOutput = Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'rows' | 'write' | 'on' | 'off'>

/** What Ink is given in place of the process's own streams, so that neither its drawing nor its reading goes on while the screen is another's. */
export interface InkStreams {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  /** Hands keys on to Ink; those that nobody listens for are dropped and do not come later. */
  type(text: string | Uint8Array): void
  /** Has Ink draw the whole screen anew, on a screen that `clear` emptied. */
  redraw(clear: () => void): void
}

/**
 * Ink sets raw mode and reads by itself. Here it only listens: raw mode belongs to the screen's owner, who turns it off for as long as
 * another program has the terminal, whatever Ink's count of its users says.
 *
 * `write` gets what Ink draws, and drops it where the screen is not ours.
 */
export function createInkStreams(output: TerminalOutput, write: (text: string) => void): InkStreams {
  // One key a chunk, which a stream of bytes would put together again.
  const keys = new PassThrough({ objectMode: true })
  const decoder = new StringDecoder('utf8')
  const stdin = Object.assign(keys, {
    isTTY: true,
    fd: 0,
    setRawMode: () => stdin,
    ref: () => stdin,
    unref: () => stdin,
  }) as unknown as NodeJS.ReadStream

  let isClosed = false
  let extraColumns = 0
  const screen = new Writable({
    decodeStrings: false,
    // Answered at once: a terminal is written synchronously, and at the process's end nothing that waits here would be written.
    write: (chunk: string | Uint8Array, _encoding, done) => {
      if (!isClosed) write(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'))
      done()
    },
  })
  const stdout = Object.defineProperties(screen, {
    isTTY: { value: true },
    fd: { value: 1 },
    columns: { get: () => (output.columns || 80) + extraColumns, enumerable: true },
    rows: { get: () => output.rows || 24, enumerable: true },
  }) as unknown as NodeJS.WriteStream

  return {
    stdin,
    stdout,
    type: text => {
      const typed = typeof text === 'string' ? text : decoder.write(Buffer.from(text))
      if (keys.listenerCount('readable') + keys.listenerCount('data') === 0) return
      for (const key of splitKeys(typed)) keys.write(key)
    },
    redraw: clear => {
      // Ink 6.8 takes for granted that the screen still shows its last frame, and draws a frame that is like it only when the terminal has
      // become narrower. So it becomes wider, unseen, and then what it is.
      isClosed = true
      extraColumns = 1
      stdout.emit('resize')
      extraColumns = 0
      isClosed = false
      clear()
      stdout.emit('resize')
    },
  }
}
