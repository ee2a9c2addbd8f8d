import type { Result } from '../core/result.js'

/** The containers that were written to, for the next session: they are not what their image is. */
export interface SyncMemory {
  /** Ids of those that earlier sessions wrote to. */
  readonly earlier: readonly string[]
  /** Resolves when it would outlive a crash. Fails with `state-unusable`. */
  add(containers: readonly string[]): Promise<Result<void>>
}
