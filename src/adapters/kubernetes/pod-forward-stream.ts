import { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import { REFUSED } from '../../ports/pod-forward.js'

const DATA = 0
const ERROR = 1

/** Bytes of one frame: what a kubelet copies at once. */
const FRAME = 32_768

/**
 * One connection to a port of a pod, over a WebSocket of its own. Each channel begins with the port's number, in two bytes. There is no half-close: the
 * end of what is written ends nothing, as an HTTP client never needs it to. Has of a socket's methods those that an HTTP agent calls.
 */
export class ForwardStream extends Duplex {
  readonly #socket: WebSocket
  readonly #headsLeft = new Set([DATA, ERROR])
  #idle: NodeJS.Timeout | undefined
  #hasSent = false

  constructor(socket: WebSocket) {
    super({ allowHalfOpen: true })
    this.#socket = socket
    socket.on('message', (data: RawData) => this.#take(bytesOf(data)))
    socket.on('error', error => this.destroy(error))
    socket.on('close', () => {
      if (!this.readableEnded && !this.destroyed) this.push(null)
    })
    socket.resume()
  }

  #take(frame: Buffer): void {
    const channel = frame[0] ?? -1
    let body = frame.subarray(1)
    if (this.#headsLeft.delete(channel)) body = body.subarray(2)
    if (body.length === 0) return
    this.#touch()
    if (channel === DATA && !this.push(body)) this.#socket.pause()
    if (channel === ERROR) this.destroy(failure(body.toString('utf8')))
  }

  override _read(): void {
    if (this.#socket.isPaused) this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#touch()
    const send = (at: number): void => {
      if (this.#socket.readyState !== this.#socket.OPEN) {
        done(closed(this.#hasSent))
        return
      }
      this.#hasSent = true
      const end = Math.min(at + FRAME, chunk.length)
      const frame = Buffer.concat([Buffer.of(DATA), chunk.subarray(at, end)])
      // Called when the bytes are in the connection below: that is the back-pressure.
      this.#socket.send(frame, error => {
        if (error) done(error)
        else if (end < chunk.length) send(end)
        else done()
      })
    }
    send(0)
  }

  override _final(done: () => void): void {
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#idle)
    this.#idle = undefined
    this.#socket.terminate()
    done(error)
  }

  /** Emits `timeout` after so many milliseconds without a byte, as a socket does; 0 ends that, and takes the listener away. */
  setTimeout(milliseconds: number, listener?: () => void): this {
    if (listener !== undefined) {
      if (milliseconds === 0) this.off('timeout', listener)
      else this.once('timeout', listener)
    }
    this.#setIdle(milliseconds)
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  #touch(): void {
    // Called for every frame: a timer that runs is only set back.
    if (this.#idle !== undefined) this.#idle.refresh()
  }

  #setIdle(milliseconds: number): void {
    clearTimeout(this.#idle)
    this.#idle = undefined
    if (milliseconds === 0 || this.destroyed) return
    this.#idle = setTimeout(() => this.emit('timeout'), milliseconds)
    this.#idle.unref()
  }
}

/**
 * The runtimes' words for a connection that was never made, such as "failed to connect to localhost:80 inside namespace …: dial tcp4 127.0.0.1:80: connect:
 * connection refused", or "failed to find sandbox …: not found" and "… unknown FS magic on …" of pods whose network is taken down.
 */
const NEVER_MADE =
  /connection refused|sandbox \S+ is closed|failed to connect to localhost|failed to find sandbox|failed to Statfs|unknown FS magic/i

function failure(message: string): Error {
  return Object.assign(new Error(message), { code: NEVER_MADE.test(message) ? REFUSED : 'ECONNRESET' })
}

/** Where nothing was sent, nobody can have read anything. */
const closed = (hasSent: boolean): Error =>
  Object.assign(new Error('the connection to the pod is closed'), {
    code: hasSent ? 'ECONNRESET' : REFUSED,
  })

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data)
  return Buffer.isBuffer(data) ? data : Buffer.from(data)
}
