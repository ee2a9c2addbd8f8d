import type { RequestSample } from '../core/verify/request-sample.js'

export interface StreamTarget {
  /** Where to connect. */
  readonly host: string
  readonly port: number
  /** The `Host` header. */
  readonly name: string
  readonly path: string
  /** Requests a second. */
  readonly rate: number
}

/** Sends requests at a steady rate from this machine, each on a connection of its own, nothing retried. */
export interface RequestStream {
  start(
    target: StreamTarget,
    sink: (sample: RequestSample) => void,
  ): {
    /** Sends no more, and resolves when the last one is over. */
    stop(): Promise<void>
  }
}
