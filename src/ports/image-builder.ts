import type { ContextSnapshot } from '../core/build-input.js'
import type { ServiceSpec } from '../core/project.js'
import type { Result } from '../core/result.js'

export interface BuildRequest {
  readonly service: ServiceSpec
  readonly snapshot: ContextSnapshot
  /** The service's own arguments together with those of `requires`. */
  readonly buildArgs: Readonly<Record<string, string>>
}

export interface BuildOptions {
  readonly signal: AbortSignal
  /** One line of the build's output, without its line end. */
  readonly onOutput: (line: string) => void
  /** What the build is doing now: a step, bytes sent. */
  readonly onProgress?: (progress: BuildProgress) => void
}

export interface BuildProgress {
  /** Bytes of the context that the engine has taken, and in all. */
  readonly sentBytes?: number
  readonly totalBytes?: number
  readonly step?: string
}

/** An image in the local engine. */
export interface LocalImage {
  /** The engine's own id, `sha256:…`: the config's digest in the classic store, the manifest's or index's in the containerd store. */
  readonly id: string
  /** Uncompressed layer digests, base first. */
  readonly diffIds: readonly string[]
  readonly bytes: number
  readonly architecture: string
  readonly os: string
}

export interface EngineInfo {
  readonly endpoint: string
  readonly version: string
  readonly apiVersion: string
  readonly store: 'classic' | 'containerd'
  readonly buildKit: boolean
}

/** The local Docker engine as a builder and store of images. */
export interface ImageBuilder {
  /** Asks the engine what it is; `engine-unreachable` where none answers. */
  info(): Promise<Result<EngineInfo>>
  /** Builds without naming the image. Aborting ends the build in the engine before the promise settles with `cancelled`. */
  build(request: BuildRequest, options: BuildOptions): Promise<Result<LocalImage>>
  /** Undefined where the engine has no such image. `reference` is a name or an id. */
  inspect(reference: string, signal?: AbortSignal): Promise<Result<LocalImage | undefined>>
  /** Gives the image one more name. */
  tag(id: string, reference: string, signal?: AbortSignal): Promise<Result<void>>
}
