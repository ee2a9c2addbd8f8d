import type { ManifestObject } from '../core/kube-object.js'
import type { RenderInputs } from '../core/manifest/render-inputs.js'
import type { Diagnostic } from '../core/problem.js'
import type { ManifestSpec } from '../core/project.js'
import type { Result } from '../core/result.js'

export interface RenderRequest {
  readonly specs: readonly ManifestSpec[]
  /** Replaced in raw manifests. */
  readonly variables: Readonly<Record<string, string>>
  /** The folder that relative paths start in. */
  readonly root: string
  readonly configFile: string
  /** Where objects go that name no namespace. */
  readonly namespace: string
  /** What charts may ask of the cluster; undefined while none is connected. */
  readonly cluster: RenderCluster | undefined
  readonly signal: AbortSignal
}

export interface RenderCluster {
  readonly context: string
  /** As the API server gives it: `v1.34.0`. */
  readonly version: string
  /** `apps/v1` and `apps/v1/Deployment`, sorted. */
  readonly apiVersions: readonly string[]
}

export interface SkippedFile {
  readonly file: string
  readonly reason: string
}

/** A kustomization, chart or command that was rendered. */
export interface RenderedRoot {
  /** `kustomize overlays/dev` */
  readonly label: string
  readonly objects: number
}

export interface RenderedManifests {
  /** In the order of the config; within a folder in that of paths, within a file in that of documents. */
  readonly objects: readonly ManifestObject[]
  readonly roots: readonly RenderedRoot[]
  /** Files and objects that were left out, and why. */
  readonly skipped: readonly SkippedFile[]
  readonly warnings: readonly Diagnostic[]
}

export interface ManifestReading {
  /** Known also where the reading failed, so that its repair is noticed. */
  readonly inputs: RenderInputs
  /** All errors of all files and roots at once, as one `render-failed`; `cancelled` after an abort. */
  readonly result: Result<RenderedManifests>
}

/** Reads and renders manifests from where the config says. What did not change since the last reading is not rendered again. */
export interface ManifestSource {
  render(request: RenderRequest): Promise<ManifestReading>
}
