/** One entry of a kustomization's `images:`. */
export interface ImageRename {
  readonly name: string
  readonly newName?: string
  readonly newTag?: string
  readonly digest?: string
}

// A chain is as long as kustomizations are nested; what goes on beyond this goes in a circle.
const MAX_CHAIN = 10

/**
 * For each image that renames make, the names that lead to it: `images` are all that stand in the files, `renames` those of all kustomizations of
 * one root. Which kustomization sees which file is not asked, so that a name may be among them that this object never had.
 */
export function formerImages(
  images: Iterable<string>,
  renames: readonly ImageRename[],
): ReadonlyMap<string, readonly string[]> {
  const former = new Map<string, Set<string>>()
  for (const image of new Set(images)) {
    const seen = new Set([image])
    let edge = [image]
    for (let step = 0; step < MAX_CHAIN && edge.length > 0; step++) {
      edge = edge.flatMap(current =>
        renames.flatMap(rename => {
          const renamed = renameImage(current, rename)
          if (renamed === undefined || seen.has(renamed)) return []
          seen.add(renamed)
          return [renamed]
        }),
      )
    }
    for (const result of seen) {
      if (result === image) continue
      const names = former.get(result)
      if (names === undefined) former.set(result, new Set([image]))
      else names.add(image)
    }
  }
  return new Map([...former].map(([image, names]) => [image, [...names]]))
}

/** The image as Kustomize would rename it; undefined where the entry is about another one. */
export function renameImage(image: string, rename: ImageRename): string | undefined {
  const { name, suffix } = splitImage(image)
  if (name !== rename.name) return undefined
  const to = rename.newName === undefined || rename.newName === '' ? name : rename.newName
  const tag = rename.newTag ? `:${rename.newTag}` : ''
  const digest = rename.digest ? `@${rename.digest}` : ''
  return `${to}${tag === '' && digest === '' ? suffix : `${tag}${digest}`}`
}

/** The name with its registry and port, and the tag and digest behind it. */
function splitImage(image: string): { readonly name: string; readonly suffix: string } {
  const [, name = image, suffix = ''] = /^(.+?)((?::[\w.-]*)?(?:@[\w:+.-]+)?)$/.exec(image) ?? []
  return { name, suffix }
}
