import type { ManifestObject } from '../core/kube-object.js'
import type { Diagnostic } from '../core/problem.js'
import type { ManifestSpec } from '../core/project.js'
import type { Result } from '../core/result.js'

export interface RenderedManifests {
  /** In the order of the files and of the documents within them. */
  readonly objects: readonly ManifestObject[]
  /** Files that were left out, and why. */
  readonly skipped: readonly { readonly file: string; readonly reason: string }[]
  /** Every file that was read: a change of one renders again. Absolute. */
  readonly files: readonly string[]
  /** Folders in which a new file would be a manifest. Absolute. */
  readonly folders: readonly string[]
  readonly warnings: readonly Diagnostic[]
}

/** Reads manifests from where the config says. */
export interface ManifestSource {
  /** All errors of all files at once, as one `render-failed`. */
  render(
    specs: readonly ManifestSpec[],
    variables: Readonly<Record<string, string>>,
    root: string,
  ): Promise<Result<RenderedManifests>>
}
