import { readFile } from 'node:fs/promises'
import type { Result } from '../../core/result.js'
import type { CachedImage, ImageCache } from '../../ports/state-store.js'
import { guardFiles } from './state-failure.js'
import { writeAtomically } from './write-atomically.js'

/** Fingerprints remembered; the least recently used go first. 30 services with some thirty states each. */
const capacity = 1000

/** A cache: a file that cannot be understood is an empty one. */
export async function openImageCache(path: string): Promise<Result<ImageCache>> {
  let images: ReadonlyMap<string, CachedImage> = new Map(await readImages(path))
  let writing: Promise<unknown> = Promise.resolve()
  return {
    ok: true,
    value: {
      get: fingerprint => images.get(fingerprint),
      all: () => [...images.values()],
      set: (fingerprint, image) => {
        images = new Map(
          [...images, [fingerprint, image] as const]
            .sort(([, left], [, right]) => left.at - right.at)
            .slice(-capacity),
        )
        const snapshot = JSON.stringify(Object.fromEntries(images))
        const written = writing.then(() => guardFiles(path, () => writeAtomically(path, snapshot)))
        writing = written
        return written
      },
    },
  }
}

async function readImages(path: string): Promise<readonly (readonly [string, CachedImage])[]> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'))
    return Object.entries(value ?? {}).filter(([, image]) => isCachedImage(image)) as [string, CachedImage][]
  } catch {
    return []
  }
}

function isCachedImage(value: unknown): value is CachedImage {
  if (typeof value !== 'object' || value === null) return false
  const image = value as Partial<Record<keyof CachedImage, unknown>>
  return (
    typeof image.reference === 'string' && typeof image.imageId === 'string' && typeof image.at === 'number'
  )
}
