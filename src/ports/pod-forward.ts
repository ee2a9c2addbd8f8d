import type { Duplex } from 'node:stream'
import type { Cancelled, ClusterUnreachable } from '../core/problem.js'
import type { Result } from '../core/result.js'

/** A port of a pod. */
export interface ForwardTarget {
  readonly namespace: string
  readonly pod: string
  readonly port: number
}

/** The pod is gone, or may not be reached; or nothing listens at the port, where that was known before there was a stream. */
export interface ForwardRefused {
  readonly kind: 'forward-refused'
  readonly message: string
}

export type ForwardProblem = ForwardRefused | ClusterUnreachable | Cancelled

/** The code of a stream's error where nothing listens at the port: no byte reached a program. */
export const REFUSED = 'ECONNREFUSED'

/** Makes connections to ports of pods. */
export interface PodForward {
  /**
   * Resolves when the way to the pod is there, which does not tell that a program listens: the stream then ends with an error whose `code` is
   * `REFUSED`, or there is none, and no byte of what was written was read by anybody.
   */
  open(target: ForwardTarget, signal?: AbortSignal): Promise<Result<Duplex, ForwardProblem>>
}
