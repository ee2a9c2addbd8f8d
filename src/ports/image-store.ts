import type { NodeNames, StoredImage } from '../core/gc/stale-images.js'
import type { Result } from '../core/result.js'

/** The images that the local engine keeps. */
export interface ImageStore {
  /** All of them, with their sizes: takes the engine a while where there are many. */
  list(): Promise<Result<readonly StoredImage[]>>
  /** Takes away one name, and with its last name the image. False where the engine keeps it, for it is in use. */
  removeReference(reference: string): Promise<Result<boolean>>
}

/** The images that nodes keep in runtimes of their own. */
export interface NodeImageStore {
  /** Names below these repositories (with registry) that have a tag of devloop's, by node. */
  list(repositories: readonly string[]): Promise<Result<readonly NodeNames[]>>
  /** Takes away names, and with the last name of an image the image. */
  remove(names: NodeNames): Promise<Result<void>>
}
