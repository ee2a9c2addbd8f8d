import type { JournalEntry } from '../core/ownership/journal-entry.js'
import type { JournalState } from '../core/ownership/journal-state.js'
import type { Result } from '../core/result.js'

/** What devloop made and changed in a cluster, on disk. Failures are `state-unusable`. */
export interface Journal {
  /** Random and secret to this project; keys every hash that the journal holds. */
  readonly hashKey: string
  state(): JournalState
  /**
   * Adds entries in one write. With `durable` it resolves when they survive a loss of power; without, they survive the end of this process.
   * Calls at the same time share one write and one sync.
   */
  append(entries: readonly JournalEntry[], options: { readonly durable: boolean }): Promise<Result<void>>
  close(): Promise<void>
}
