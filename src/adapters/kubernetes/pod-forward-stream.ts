import { Duplex } from 'node:stream'
import { REFUSED } from '../../ports/pod-forward.js'

/** Bytes that are sent at once: what a kubelet copies at once. */
const PIECE = 32_768

/** What takes the bytes of one connection to the API server. */
export interface ForwardCarrier {
  /** False once nothing that is sent can arrive. */
  readonly isOpen: boolean
  /** Calls back when the bytes are in the connection below: that is the back-pressure. */
  send(chunk: Buffer, done: (error?: Error | null) => void): void
  /** Nothing more is to come before `resume`. */
  pause(): void
  resume(): void
  /** The connection is not wanted any more. */
  leave(): void
}

/**
 * One connection to a port of a pod. There is no half-close: the end of what is written ends nothing, as an HTTP client never needs it to. Has of a
 * socket's methods those that an HTTP agent calls.
 */
export class ForwardStream extends Duplex {
  readonly #carrier: ForwardCarrier
  #idle: NodeJS.Timeout | undefined
  #hasSent = false
  #isPaused = false

  constructor(carrier: ForwardCarrier) {
    super({ allowHalfOpen: true })
    this.#carrier = carrier
    // It may fail before anybody has taken it.
    this.on('error', () => {})
  }

  /** The pod said something. */
  arrived(chunk: Buffer): void {
    if (chunk.length === 0 || this.destroyed || this.readableEnded) return
    this.#touch()
    if (this.push(chunk)) return
    this.#isPaused = true
    this.#carrier.pause()
  }

  /** The node says why the connection ended, or was never made. */
  failed(message: string): void {
    this.#touch()
    this.destroy(failure(message))
  }

  /** The pod says nothing more. */
  ended(): void {
    if (!this.readableEnded && !this.destroyed) this.push(null)
  }

  override _read(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#carrier.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#touch()
    const send = (at: number): void => {
      if (!this.#carrier.isOpen) {
        done(closed(this.#hasSent))
        return
      }
      this.#hasSent = true
      const end = Math.min(at + PIECE, chunk.length)
      this.#carrier.send(chunk.subarray(at, end), error => {
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
    this.#carrier.leave()
    done(error)
  }

  /** Called by an HTTP client when an answer is whole and the connection is not to be used again. */
  destroySoon(): void {
    if (this.writable) this.end()
    if (this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy())
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
