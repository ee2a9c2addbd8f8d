import type { Cancelled, ClusterUnreachable, CommandFailed } from '../core/problem.js'
import type { Result } from '../core/result.js'

/** A running container. */
export interface ExecTarget {
  readonly namespace: string
  readonly pod: string
  readonly container: string
}

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

/** Takes a piece of output. Nothing more is read while a promise that it returned is open. */
export type ExecSink = (chunk: Uint8Array) => void | Promise<void>

export interface ExecOptions {
  /**
   * What the program reads, sent as fast as it takes it; its standard input ends with it. Absent: it has none. What is left when the program ends is
   * not read.
   */
  readonly stdin?: AsyncIterable<Uint8Array | string>
  readonly onStdout?: ExecSink
  /** Nothing comes here with a terminal, which has one output. */
  readonly onStderr?: ExecSink
  /** Gives the program a terminal. `onResize` calls back at each change until the returned function is called. */
  readonly tty?: TerminalSize & {
    onResize(listener: (size: TerminalSize) => void): () => void
  }
  /** Ends the connection. The program is not ended by that alone: it sees the end of its input and cannot write any more. */
  readonly signal?: AbortSignal
}

/**
 * `command-failed` has the program's name in `argv` and says in `output` why it did not run or how its end was missed; `not-found`: the
 * container has no such program.
 */
export type ExecProblem = CommandFailed | ClusterUnreachable | Cancelled

/** Runs programs in containers. */
export interface PodExec {
  /** Resolves when the program ended, with its exit code and everything that it wrote handed on. A signal ends it with 128 more than its number. */
  exec(
    target: ExecTarget,
    argv: readonly string[],
    options?: ExecOptions,
  ): Promise<Result<{ readonly exitCode: number }, ExecProblem>>
}
