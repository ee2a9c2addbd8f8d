import type { LinkedObject } from './link.js'

/** Images of these objects that no service builds, each once, sorted: what the nodes may take from the local Docker. */
export function externalImages(objects: readonly Pick<LinkedObject, 'images'>[]): readonly string[] {
  const images = objects.flatMap(({ images }) =>
    images.filter(({ service }) => service === undefined).map(({ image }) => image),
  )
  return [...new Set(images)].sort()
}
