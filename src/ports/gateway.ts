import type { GatewayFailed } from '../core/problem.js'
import type { Result } from '../core/result.js'
import type { RouteTable } from '../core/routes/compiled-routes.js'
import type { BackendRef } from '../core/routes/route-table.js'
import type { PodForward } from './pod-forward.js'

/** A port of a ready pod. */
export interface PodEndpoint {
  readonly uid: string
  readonly namespace: string
  readonly pod: string
  readonly port: number
  /** Of an earlier revision than another one that is ready: it ends in a moment, and is asked only where no other takes anything. */
  readonly outgoing?: boolean
  /** It has answered a probe at this port: nobody has to find out whether something listens there. */
  readonly listens?: boolean
  /** Another text where its processes are, or were, started anew: connections to those before are no good. */
  readonly processes?: string
  /** They may end at any moment: a connection that is kept would hold up their end. */
  readonly restarting?: boolean
}

/** What is known of the pods behind a port of a Service. */
export interface BackendState {
  /** Those that take new requests, in a steady order. */
  readonly ready: readonly PodEndpoint[]
  /** Whether it is worth waiting for a pod: one starts, or will. */
  readonly coming: boolean
  /** Why there may be none, for people: `tours-5d8f: CrashLoopBackOff, exit code 1`. */
  readonly notes: readonly string[]
}

/** All that requests are answered by; replaced as a whole when something changes. */
export interface GatewayView {
  readonly table: RouteTable
  readonly backend: (ref: BackendRef) => BackendState
}

export interface GatewayOptions {
  /** 0 takes any that is free. */
  readonly port: number
  readonly view: GatewayView
  readonly forward: PodForward
}

export interface OpenGateway {
  readonly port: number
  /** Requests that wait for a pod look again. */
  update(view: GatewayView): void
  /** Ends every connection. */
  close(): Promise<void>
}

/** Serves HTTP on the loopback addresses of this machine. */
export interface Gateway {
  open(options: GatewayOptions): Promise<Result<OpenGateway, GatewayFailed>>
}
