import { parseImageRef } from '../../core/image-ref.js'

/**
 * A name for the service of each image: the last part of the image's, `tour-auth` for `csup96/tour-auth`; with the parts before it, and
 * at last a number, where two would have the same. In the order of the images.
 */
export function serviceNames(images: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  const last = images.map(image => candidates(image)[0])
  for (const [index, image] of images.entries()) {
    if (names.has(image)) continue
    const isShared = last.some((other, at) => at !== index && images[at] !== image && other === last[index])
    const [short = 'service', long = short] = candidates(image)
    let name = isShared ? long : short
    for (let number = 2; taken.has(name); number++) name = `${long}-${number}`
    taken.add(name)
    names.set(image, name)
  }
  return names
}

function candidates(image: string): readonly [string, string] {
  const parsed = parseImageRef(image)
  const parts = parsed.ok
    ? [...parsed.value.path.replace(/^library\//, '').split('/')]
    : image.replace(/[:@].*$/, '').split('/')
  const tag = parsed.ok && parsed.value.tag !== undefined ? `-${parsed.value.tag}` : ''
  return [cleanName(parts.at(-1) ?? ''), cleanName(`${parts.join('-')}${tag}`)]
}

/** What the config takes for a name. */
const cleanName = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '') || 'service'
