import type { Result } from '../core/result.js'
import type { ImageProgram } from '../core/sync/supervise.js'

/** Looks into images of the local engine. */
export interface ImagePrograms {
  /** What an image runs, and whether it has a shell or Node. `id` as `LocalImage.id`. Fails with `engine-unreachable`. */
  programOf(id: string): Promise<Result<ImageProgram>>
}
