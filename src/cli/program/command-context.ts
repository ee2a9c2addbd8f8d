import type { Command } from 'commander'
import type { CommandEnd } from '../command-end.js'
import type { CommandIo } from '../io.js'

/** What the commands are made of. */
export interface CommandContext {
  readonly program: Command
  readonly io: CommandIo
  /** The config file, where one was named. */
  file(): { readonly file?: string }
  /** What stood behind `--`. */
  readonly command: readonly string[]
  readonly perform: Perform
}

/** Gets what the command that was called is to do. */
export type Perform = (action: () => Promise<CommandEnd>) => Promise<void>
