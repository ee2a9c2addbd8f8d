import type { ContextSnapshot } from '../core/build-input.js'
import type { HookRecord } from '../core/hooks/hook-state.js'
import type { PathPattern } from '../core/hooks/path-pattern.js'
import type { Result } from '../core/result.js'

/** Reads what hooks read and write. */
export interface HookFiles {
  /**
   * SHA-256, hex, of the names and content of the files that the patterns mean, without those that `except` means; a pattern that means nothing counts as
   * that. `node_modules`, `.git` and editors' side files count only where a pattern begins in or with one.
   */
  digest(
    patterns: readonly PathPattern[],
    options: { readonly except: readonly PathPattern[]; readonly signal: AbortSignal },
  ): Promise<string>
  /** That digest with the files behind it: by absolute path, what tells one content from another. */
  read(
    patterns: readonly PathPattern[],
    options: { readonly except: readonly PathPattern[]; readonly signal: AbortSignal },
  ): Promise<{ readonly digest: string; readonly files: ReadonlyMap<string, string> }>
  /** The same of what an image is made of. `context` is an absolute path. */
  digestOf(snapshot: ContextSnapshot, context: string, except: readonly PathPattern[]): string
}

/** What hooks left at their last success; kept for later sessions. */
export interface HookMemory {
  get(hook: string): HookRecord | undefined
  set(hook: string, record: HookRecord): Promise<Result<void>>
}
