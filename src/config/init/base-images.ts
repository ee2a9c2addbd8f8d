import type { FoundDockerfile, FoundImage } from './project-facts.js'

/** Tags of images that are made here rather than pulled. */
const OWN_TAG = /^(latest|dev|local|base)$/

/**
 * The image that a Dockerfile builds for others to build upon: one that another Dockerfile names by an argument (`ARG BASE=acme/base`, `FROM ${BASE}`), and that
 * is called like this one. A public image's name, as `node:20`, is not meant by a folder `node`.
 */
export function baseImageOf(
  dockerfile: FoundDockerfile,
  all: readonly FoundDockerfile[],
): FoundImage | undefined {
  for (const other of all) {
    if (other === dockerfile) continue
    const base = other.bases.find(
      ({ image }) => isMadeHere(image) && dockerfile.names.includes(nameOf(image)),
    )
    if (base !== undefined) return { image: base.image, file: other.path }
  }
  return undefined
}

const nameOf = (image: string): string => withoutTag(image).split('/').at(-1) ?? ''

/** Whether an image's name is one that a repository gives, rather than that of a public image. */
export function isMadeHere(image: string): boolean {
  const tag = /:([^/:]+)$/.exec(image)?.[1]
  return image.includes('/') || tag === undefined || OWN_TAG.test(tag)
}

/** An image's repository as it is written. */
export const withoutTag = (image: string): string => image.replace(/@.*$/, '').replace(/:[^/:]+$/, '')
