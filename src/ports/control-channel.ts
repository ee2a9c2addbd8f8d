import type { ClusterAsk } from '../core/embedded/cluster-ask.js'
import type { Intent } from '../core/intent.js'
import type { Result } from '../core/result.js'
import type { ExpectedClient } from '../core/verify/left-clients.js'

/** What one command asks of the `up` that owns a project. */
export type ControlRequest =
  /** Answered with a `StatusReport`. */
  | { readonly type: 'status' }
  /** Answered with `{ ok: true, message }`, or `{ error }` in words. */
  | { readonly type: 'intent'; readonly intent: Intent }
  /**
   * Answered with a `LiveAnswer` once the files as they are at the time of the request run in the cluster, or cannot come to. No names: everything. The
   * answer may take as long as a build and a rollout.
   */
  | { readonly type: 'wait'; readonly services: readonly string[] }
  /** Answered with a `ServiceReason`, or undefined for a service that the session has not. */
  | { readonly type: 'why'; readonly service: string }
  /** Answered with a `PathReport` about an absolute path. */
  | { readonly type: 'why-not'; readonly path: string }
  /** Answered with a `LiveImages`, or undefined for a service that the session has not. */
  | { readonly type: 'history'; readonly service: string }
  /** Of a project without a cluster, whose objects and logs are in the owner's memory. Answered as `ClusterAsk` says; undefined where there is a cluster. */
  | { readonly type: 'cluster'; readonly ask: ClusterAsk }
  /**
   * Of a command that makes a pod for as long as it runs. `expect` is answered with `{ ok: true }` once the journal has it, or `{ error }` in words; `hold`
   * is not answered: when whoever asked is gone, so is the pod.
   */
  | { readonly type: 'client'; readonly step: 'expect' | 'hold'; readonly client: ExpectedClient }

/** Answers one request. The signal is aborted when whoever asked no longer listens. */
export type Answer = (request: ControlRequest, signal: AbortSignal) => unknown

export interface AskOptions {
  /** Milliseconds that the other process has to answer; undefined for as long as it lives. Left out: 5 s. */
  readonly patience?: number | undefined
  readonly signal?: AbortSignal
}

/** How other commands of the same user reach a running `up`. */
export interface ControlChannel {
  /** Answers requests at that path until closed. An answer may be a promise: it is sent when it settles. */
  serve(path: string, answer: Answer): Promise<Result<{ close(): Promise<void> }>>
  /** The answer of the process that serves the path; undefined where none does, or it ends before it answers. */
  ask(path: string, request: ControlRequest, options?: AskOptions): Promise<unknown>
}
