import type { Intent } from '../core/intent.js'
import type { Result } from '../core/result.js'

/** What one command asks of the `up` that owns a project. */
export type ControlRequest =
  /** Answered with a `StatusReport`. */
  | { readonly type: 'status' }
  /** Answered with `{ ok: true }`, or `{ error }` in words. */
  | { readonly type: 'intent'; readonly intent: Intent }

/** How other commands of the same user reach a running `up`. */
export interface ControlChannel {
  /** Answers requests at that path until closed. */
  serve(
    path: string,
    answer: (request: ControlRequest) => unknown,
  ): Promise<Result<{ close(): Promise<void> }>>
  /** The answer of the process that serves the path; undefined where none does. */
  ask(path: string, request: ControlRequest): Promise<unknown>
}
