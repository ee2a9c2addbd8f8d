import { parseImageRef } from '../../core/image-ref.js'

/** The tag that stands in rendered manifests until devloop puts in what it built. */
const ANY_TAG = 'dev'
const PREFIXES = [
  'IMAGE_FULLY_QUALIFIED',
  'IMAGE_REPO_NO_DOMAIN',
  'IMAGE_DOMAIN',
  'IMAGE_DIGEST',
  'IMAGE_NAME',
  'IMAGE_REPO',
  'IMAGE_TAG',
] as const

/**
 * What Skaffold's image variables of a Helm release stand for. devloop finds its images by their names in what the chart makes, so each gets
 * the name that the manifests are to have. `{{.IMAGE_TAG_x}}@{{.IMAGE_DIGEST_x}}` must come out as one tag: the digest is nothing.
 */
export function imageVariable(name: string, images: readonly string[]): string | undefined {
  const prefix = PREFIXES.find(known => name === known || name.startsWith(known))
  if (prefix === undefined) return undefined
  const rest = name.slice(prefix.length)
  const image =
    rest === ''
      ? images[0]
      : /^\d+$/.test(rest)
        ? images[Number(rest) - 1]
        : images.find(candidate => `_${sanitized(candidate)}` === rest)
  if (image === undefined) return undefined
  return partOf(prefix, image)
}

/** A template with the joints of the parts taken out that come to nothing here. */
export const withoutDigest = (template: string): string =>
  template.replace(/@\s*\{\{-?\s*\.IMAGE_DIGEST\w*\s*-?\}\}/g, '')

const sanitized = (image: string): string => image.replace(/[^A-Za-z0-9_]/g, '_')

function partOf(prefix: (typeof PREFIXES)[number], image: string): string {
  const parsed = parseImageRef(image)
  const domain = parsed.ok ? parsed.value.domain : 'docker.io'
  const path = parsed.ok ? parsed.value.path : image
  switch (prefix) {
    case 'IMAGE_FULLY_QUALIFIED':
    case 'IMAGE_NAME':
      return image
    case 'IMAGE_REPO':
      return image.replace(/@.*$/, '').replace(/:[^/:]+$/, '')
    case 'IMAGE_REPO_NO_DOMAIN':
      return path
    case 'IMAGE_DOMAIN':
      return domain
    case 'IMAGE_TAG':
      return (parsed.ok ? parsed.value.tag : undefined) ?? ANY_TAG
    case 'IMAGE_DIGEST':
      return ''
  }
}
