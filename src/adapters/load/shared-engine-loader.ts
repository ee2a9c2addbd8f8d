import { err, ok } from '../../core/result.js'
import type { ImageBuilder } from '../../ports/image-builder.js'
import type { ImageLoader } from '../../ports/image-loader.js'

/** For clusters whose nodes run on the very engine that builds: nothing is moved, only looked up. */
export function createSharedEngineLoader(images: Pick<ImageBuilder, 'inspect'>): ImageLoader {
  return {
    async load(reference) {
      const found = await images.inspect(reference)
      if (!found.ok) return found
      if (found.value === undefined)
        return err({
          kind: 'image-load-failed',
          image: reference,
          method: 'shared-engine',
          message: 'the engine has no such image',
          absent: true,
        })
      const totalLayers = found.value.diffIds.length
      return ok({ method: 'shared-engine', sentBytes: 0, sentLayers: 0, totalLayers, reference })
    },
    async missing(references) {
      const absent: string[] = []
      for (const reference of references) {
        const found = await images.inspect(reference)
        if (!found.ok) return found
        if (found.value === undefined) absent.push(reference)
      }
      return ok(absent)
    },
    close: async () => undefined,
  }
}
