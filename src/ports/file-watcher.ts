import type { Problem } from '../core/problem.js'
import type { Result } from '../core/result.js'

export interface WatchRoot {
  /** Absolute path of a folder or a file; it need not exist yet. */
  readonly path: string
  /** Whether a path below the root is left out; called with absolute paths of folders and files. */
  readonly ignored: (path: string, isDirectory: boolean) => boolean
  /** Differs where `ignored` judges otherwise than before; roots without it always judge alike. */
  readonly rules?: string
}

/** Files that changed, were added or went, gathered over a short quiet time. */
export interface ChangeBatch {
  /** Absolute paths, each once. */
  readonly paths: readonly string[]
  /** Those of `paths` that came or went as folders. */
  readonly folders: readonly string[]
  /** Milliseconds since the epoch of the first change. */
  readonly firstAt: number
}

export interface FileWatch {
  /** Watches these roots from now on; what is watched already stays watched. */
  update(roots: readonly WatchRoot[]): Promise<Result<void>>
  close(): Promise<void>
}

export interface FileWatcher {
  /** Resolves once every root is watched. `watch-failed` before anything is half up: a limit of the system is reported with its remedy. */
  watch(
    roots: readonly WatchRoot[],
    handlers: {
      readonly onBatch: (batch: ChangeBatch) => void
      readonly onProblem: (problem: Problem) => void
    },
  ): Promise<Result<FileWatch>>
  /**
   * Whether the file system knows of a change of these since then (milliseconds since the epoch): one that the watch may not have told of yet. May say yes
   * where there was none.
   */
  touchedSince(inputs: WatchedInputs, since: number): Promise<boolean>
}

/** Files, there or not, and folders with all below them. Absolute paths. */
export interface WatchedInputs {
  readonly files: readonly string[]
  readonly folders: readonly string[]
}
