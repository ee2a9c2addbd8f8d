import type { ContextSnapshot } from '../core/build-input.js'
import type { ServiceSpec } from '../core/project.js'
import type { Result } from '../core/result.js'
import type { WatchRoot } from './file-watcher.js'

/** Says of one path why it does or does not start a build of a service. */
export interface InputVerdict {
  readonly input: boolean
  /** For people: the rule, with file and line where there is one. */
  readonly why: string
}

/** The files of build contexts. Remembers each service's last snapshot, so that a save reads the changed files only. */
export interface SourceTree {
  /** `changed`: absolute paths that may differ since the last snapshot, or 'all' to walk the context. Fails with `context-invalid`. */
  snapshot(
    service: ServiceSpec,
    changed: readonly string[] | 'all',
    signal: AbortSignal,
  ): Promise<Result<ContextSnapshot>>
  /**
   * Walks the whole context, and says whether its digest is another than that of the last snapshot; true where there is none, or the context cannot be
   * read. The last snapshot stays the last.
   */
  differs(service: ServiceSpec, signal: AbortSignal): Promise<boolean>
  /** Reads the Dockerfile and the ignore file alone, so that `verdict` can judge where no snapshot was taken. Fails with `context-invalid`. */
  readRules(service: ServiceSpec): Promise<Result<void>>
  /** Judges an absolute path by the rules of the last snapshot. */
  verdict(service: ServiceSpec, path: string): InputVerdict
  /** What must be watched so that no save of a service is missed. Asked again after each snapshot, for an edited Dockerfile may see more. */
  watchRoots(service: ServiceSpec): readonly WatchRoot[]
}
