import type { Result } from '../core/result.js'
import type { NodeImageStore } from './image-store.js'

export interface LoadOptions {
  readonly signal: AbortSignal
  /** The image was built a moment ago: whether a node has it need not be looked up. @default false */
  readonly isNew?: boolean
  readonly onProgress: (progress: LoadProgress) => void
  /** Something a person should know once: a fast way that failed and the one taken instead. */
  readonly onNotice: (message: string) => void
}

export interface LoadProgress {
  readonly node?: string
  readonly sentBytes: number
  readonly totalBytes?: number
  /** Layers sent, and layers in the image. */
  readonly sentLayers?: number
  readonly totalLayers?: number
}

export interface LoadReport {
  /** `present`: every node had the image already. `provider-load`: the cluster tool's own way, such as `kind load`. */
  readonly method:
    | 'present'
    | 'sparse-push'
    | 'filtered-save'
    | 'save'
    | 'registry-push'
    | 'shared-engine'
    | 'provider-load'
  readonly sentBytes: number
  readonly sentLayers: number
  readonly totalLayers: number
  /** The reference that pods must use: the same one, or a name in the registry. */
  readonly reference: string
}

/** Brings images from the local engine to the nodes of a cluster, and proves that they are there. */
export interface ImageLoader {
  /** Loads one image onto every node that lacks it; done only when each node's own runtime says that it has it. */
  load(reference: string, options: LoadOptions): Promise<Result<LoadReport>>
  /**
   * Makes ready what a load needs, so that the one that follows does not wait for it; at once where that is done. What fails is left to the load to tell.
   * Layers of `base` that a node lacks are brought, once, where the local engine has the image: a first load is mostly its base.
   * Absent where there is nothing to make ready.
   */
  prepare?(base: string | undefined): Promise<void>
  /** Which of these references not every node has. */
  missing(references: readonly string[]): Promise<Result<readonly string[]>>
  /** What the nodes keep in runtimes of their own; absent where they share the engine's store, or pull from a registry. */
  readonly nodeImages?: NodeImageStore
  /** Frees sockets and servers. */
  close(): Promise<void>
}
