import type { Result } from '../core/result.js'

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Written to the process's standard input, which is then closed. */
  readonly input?: string
  /** Called with each line of standard output and standard error as it comes. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void
  /** Called with the pid of the process, which leads a group of its own. */
  readonly onStart?: (pid: number) => void
  /** False: what it prints comes by `onLine` alone, so that it may be as much as it likes. Otherwise the output is returned whole, and the program ended where that is too much. */
  readonly keepOutput?: boolean
  /** Milliseconds after which the process and its children are ended. */
  readonly timeout?: number
}

export interface CommandOutput {
  readonly stdout: string
  readonly stderr: string
}

/** Runs programs. The only way that devloop starts a process; ending one ends its children too. */
export interface ProcessRunner {
  /** Resolves when the process has exited. A non-zero exit is a `command-failed` problem, an abort is `cancelled`. */
  run(argv: readonly [string, ...string[]], options?: RunOptions): Promise<Result<CommandOutput>>
}
