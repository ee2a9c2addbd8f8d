/** How a command of devloop was called, as far as a config may depend on it. */
export interface Invocation {
  /** The command's name. */
  readonly command?: string
  /** The commands that there are. */
  readonly commands?: readonly string[]
  /** The values of `--profile`. */
  readonly profiles?: readonly string[]
}
