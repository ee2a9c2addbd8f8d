import { matchesService } from '../image-ref.js'
import type { ImageBuildFailed } from '../problem.js'

/**
 * What helps where a build failed for an image that another service of the project builds and that the Dockerfile names as it is: such images have the name
 * of what they were built of, and their plain name leads to a registry.
 */
export function unrequiredImageHint(
  { message, step = '', output }: Pick<ImageBuildFailed, 'message' | 'step' | 'output'>,
  {
    baseImages,
    others,
  }: {
    readonly baseImages: readonly string[]
    readonly others: readonly { readonly name: string; readonly image: string }[]
  },
): string | undefined {
  const text = [step, message, ...output].join('\n')
  for (const image of baseImages) {
    const builder = others.find(other => matchesService(image, other.image))
    const path = image.replace(/@.*$/, '').replace(/:[^/:]+$/, '')
    if (builder === undefined || !text.includes(path)) continue
    return `${image} is what service ${builder.name} builds: put "ARG BASE" and "FROM \${BASE}" in its place (with a stage of its own where it was COPY --from), and "requires: [{ service: ${builder.name}, arg: BASE }]" into the config.`
  }
  return undefined
}
