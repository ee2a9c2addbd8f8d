import { tagOfImage } from '../fingerprint.js'
import { normalizeImageRef } from '../image-ref.js'

/** An image in the local engine. */
export interface StoredImage {
  /** `sha256:…`. */
  readonly id: string
  /** Names with tags, as the engine writes them. */
  readonly references: readonly string[]
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Bytes of the layers that no other image has. */
  readonly uniqueBytes: number
  /** Containers of it, also those that have ended. */
  readonly containers: number
}

/** Names of images in one node's runtime. */
export interface NodeNames {
  readonly node: string
  readonly names: readonly string[]
}

export interface GcFacts {
  /** How many services make images of a repository, by its name with registry: `docker.io/shop/web`. */
  readonly repositories: ReadonlyMap<string, number>
  readonly host: readonly StoredImage[]
  readonly nodes: readonly NodeNames[]
  /** Tags that something runs or may go back to. */
  readonly usedTags: ReadonlySet<string>
  /** When an image was built or reused last, in ms since the epoch, by its name with registry. */
  readonly lastUsed: ReadonlyMap<string, number>
  /** Images kept of each service besides those in use. */
  readonly keep: number
}

/** What is to be removed. */
export interface GcPlan {
  readonly host: readonly { readonly reference: string; readonly uniqueBytes: number }[]
  readonly nodes: readonly NodeNames[]
  /** Images of ours that stay. */
  readonly kept: number
}

const OURS = /^(.+):(dev-[0-9a-f]{12})$/

/**
 * Chooses the images of devloop's own making that nothing needs any more. Ours is what a service's repository holds under a tag that devloop gives: in the
 * local engine only where the tag is that of the very image. Of each service the last few stay, by their last use; what something runs or may go back to,
 * and what a container in the local engine is made of, stays whatever its age.
 */
export function staleImages(facts: GcFacts): GcPlan {
  const known = new Map<
    string,
    { readonly repository: string; readonly tag: string; at: number; held: boolean }
  >()
  const take = (reference: string): { at: number; held: boolean } | undefined => {
    const name = normalizeImageRef(reference)
    const [, repository = '', tag = ''] = (name === undefined ? undefined : OURS.exec(name)) ?? []
    if (name === undefined || !facts.repositories.has(repository)) return undefined
    const entry = known.get(name) ?? {
      repository,
      tag,
      at: facts.lastUsed.get(name) ?? 0,
      held: facts.usedTags.has(tag),
    }
    known.set(name, entry)
    return entry
  }
  const hosted = facts.host.flatMap(image =>
    image.references
      .filter(reference => reference.endsWith(`:${tagOfImage(image.id)}`))
      .flatMap(reference => {
        const entry = take(reference)
        if (entry === undefined) return []
        entry.at = Math.max(entry.at, image.createdAt)
        entry.held ||= image.containers > 0
        return [{ reference, image }]
      }),
  )
  for (const { names } of facts.nodes) names.forEach(take)
  const stale = staleNames(known, facts)
  const isStale = (reference: string): boolean => stale.has(normalizeImageRef(reference) ?? '')
  return {
    host: hosted
      .filter(({ reference }) => isStale(reference))
      .map(({ reference, image }) => ({
        reference,
        // With another name the image stays, and so do its layers.
        uniqueBytes: image.references.every(isStale) ? image.uniqueBytes : 0,
      })),
    nodes: facts.nodes
      .map(({ node, names }) => ({ node, names: names.filter(isStale) }))
      .filter(({ names }) => names.length > 0),
    kept: known.size - stale.size,
  }
}

function staleNames(
  known: ReadonlyMap<string, { readonly repository: string; readonly at: number; readonly held: boolean }>,
  { repositories, keep }: GcFacts,
): ReadonlySet<string> {
  const stale = new Set<string>()
  for (const [repository, services] of repositories) {
    const newestFirst = [...known]
      .filter(([, entry]) => entry.repository === repository)
      .sort(([, a], [, b]) => b.at - a.at)
    for (const [name, { held }] of newestFirst.slice(keep * services)) if (!held) stale.add(name)
  }
  return stale
}

/** The tags of devloop's that any of these values, or anything in them, speaks of. */
export function tagsIn(values: readonly unknown[]): ReadonlySet<string> {
  const tags = new Set<string>()
  for (const value of values) {
    for (const [, tag] of (JSON.stringify(value) ?? '').matchAll(/:(dev-[0-9a-f]{12})(?![0-9a-f])/g))
      if (tag !== undefined) tags.add(tag)
  }
  return tags
}

/**
 * The names to remove in a node's runtime so that these images go: the runtime itself names each image by its config too, and as long as that name is there
 * the image stays. One that another image name leads to stays. `references`: name → digest, all names of the images in question.
 */
export function namesWithAliases(
  stale: readonly string[],
  references: ReadonlyMap<string, string>,
): readonly string[] {
  const going = stale.filter(name => references.has(name))
  const staying = new Set(
    [...references]
      .filter(([name]) => !name.startsWith('sha256:') && !going.includes(name))
      .map(([, digest]) => digest),
  )
  const digests = new Set(going.map(name => references.get(name)))
  const aliases = [...references].filter(
    ([name, digest]) => name.startsWith('sha256:') && digests.has(digest) && !staying.has(digest),
  )
  return [...going, ...aliases.map(([name]) => name)]
}
