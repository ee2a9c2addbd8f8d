import type { Result } from '../core/result.js'

/** The hosts file of this system, and what this system makes of names. Texts are Latin-1, which has a character for every byte. */
export interface HostsFile {
  readonly path: string
  /** What else a person must know of this system: under WSL, that browsers on Windows read another file. */
  readonly notes: readonly string[]
  /** The whole file; empty where there is none. `hosts-file-failed` where it cannot be read. */
  read(): Promise<Result<string>>
  /**
   * Makes the file `after` if it still is `before`, and resolves with the path of the backup that was made first. `hosts-file-failed`, with
   * nothing changed, where it is not, or where the rights are missing: the hint then has the command that does the same with them.
   */
  write(change: { readonly before: string; readonly after: string }): Promise<Result<string>>
  /** Every address that a program on this machine gets for a name, in the order of the system's resolver; none where it has none. */
  resolve(name: string): Promise<readonly string[]>
  /** Calls back after changes of the file, until the returned function is called. Holds no process. */
  watch(onChange: () => void): () => void
}
