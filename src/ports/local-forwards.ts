import type { ForwardFailed } from '../core/problem.js'
import type { Result } from '../core/result.js'
import type { BackendState } from './gateway.js'
import type { PodForward } from './pod-forward.js'

export interface LocalForwardOptions {
  /** What it leads to, for people: `service/tour-srv:3000`. */
  readonly target: string
  /** The ports to try, best first. */
  readonly ports: readonly number[]
  /** An IP address of this machine; undefined: the loopback ones, 127.0.0.1 and, where there is IPv6, ::1. */
  readonly address: string | undefined
  readonly backend: BackendState
  readonly forward: PodForward
  /** Told when a connection had to be closed because no pod took it. */
  readonly onRefused: (notes: readonly string[]) => void
}

export interface OpenLocalForward {
  readonly port: number
  /** Who had the first of the ports, where it could not be had. */
  readonly passedOver: ForwardFailed | undefined
  /** Connections that wait for a pod look again. */
  update(backend: BackendState): void
  /** Ends every connection. */
  close(): Promise<void>
}

/** Ports on this machine whose connections go to pods, to one that is ready at the moment of the connection. */
export interface LocalForwards {
  open(options: LocalForwardOptions): Promise<Result<OpenLocalForward, ForwardFailed>>
}
