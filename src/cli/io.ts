import type { Invocation } from '../config/invocation.js'
import type { Choose } from './choose.js'

/** All that a command touches of the process that it runs in, so that a test can call it. */
export interface CommandIo {
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean }
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly platform: NodeJS.Platform
  readonly home: string
  /** How the command was called; a profile of the config may depend on it. */
  readonly invocation?: Invocation
  /** Asks a person for a yes or no; undefined where nobody can be asked, for input or output is no terminal. */
  readonly confirm?: (question: string) => Promise<boolean>
  /** Asks a person which of several is meant; undefined where nobody can be asked. */
  readonly choose?: Choose
  /** The terminal that both input and output are; absent where they are not. */
  readonly terminal?: TerminalIo
  /** Calls back at each Ctrl-C or SIGTERM until the returned function is called. */
  onInterrupt(callback: () => void): () => void
}

/** A terminal, for what draws on it. */
export interface TerminalIo {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  /** Ctrl-C was pressed while the terminal was raw, so that no signal came of it. */
  interrupt(): void
}
