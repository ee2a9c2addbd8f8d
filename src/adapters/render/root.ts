import type { ManifestObject } from '../../core/kube-object.js'
import type { RenderInputs } from '../../core/manifest/render-inputs.js'
import type { Diagnostic } from '../../core/problem.js'
import type { RenderRequest, SkippedFile } from '../../ports/manifest-source.js'
import type { ProcessRunner } from '../../ports/process-runner.js'

/** Something that a tool renders as a whole. */
export interface Root {
  /** Tells one root from another across readings: its kind, place and settings. */
  readonly key: string
  readonly kind: 'kustomize' | 'helm' | 'command'
  /** What messages call it: `kustomize overlays/dev`. */
  readonly label: string
  /** Absolute path that says where it stands among the files of a folder. */
  readonly place: string
  /** Looks at what it depends on, which is cheap, and can then render it. */
  read(): Promise<RootReading>
}

export interface RootReading {
  readonly inputs: RenderInputs
  /** Equal where nothing that it depends on changed; undefined where that cannot be known. */
  readonly fingerprint: string | undefined
  /** Resolves with `cancelled` only after an abort. */
  render(signal: AbortSignal): Promise<RootOutput | 'cancelled'>
}

export interface RootOutput {
  readonly objects: readonly ManifestObject[]
  readonly diagnostics: readonly Diagnostic[]
  readonly skipped: readonly SkippedFile[]
}

/** What every root renders with. */
export interface RootContext {
  readonly runner: ProcessRunner
  readonly request: Omit<RenderRequest, 'specs' | 'signal'>
}

export const failedOutput = (diagnostics: readonly Diagnostic[]): RootOutput => ({
  objects: [],
  diagnostics,
  skipped: [],
})
