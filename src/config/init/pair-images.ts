import { repositoryOf } from '../../core/image-ref.js'
import type { FoundDockerfile, FoundImage } from './project-facts.js'

/** A Dockerfile and the images of the manifests that it may build, the likeliest first. */
export interface Pairing {
  readonly dockerfile: FoundDockerfile
  /** Those with the best score; more than one: somebody has to choose. */
  readonly candidates: readonly FoundImage[]
}

export interface Pairings {
  readonly pairings: readonly Pairing[]
  /** Dockerfiles like none of the images. */
  readonly alone: readonly FoundDockerfile[]
  /** Images like none of the Dockerfiles. */
  readonly foreign: readonly FoundImage[]
}

/**
 * Pairs Dockerfiles with images by their names; registries, owners and tags do not matter. What a compose file says comes first, then equal
 * names, then names of which one is a part of the other (`tour-auth` and `auth`).
 */
export function pairImages(dockerfiles: readonly FoundDockerfile[], images: readonly FoundImage[]): Pairings {
  const scored = dockerfiles.map(dockerfile => ({
    dockerfile,
    scores: images.map(image => ({ image, score: scoreOf(dockerfile, image.image) })),
  }))
  const bestOf = (image: FoundImage): number =>
    Math.max(0, ...scored.map(({ scores }) => scores.find(one => one.image === image)?.score ?? 0))
  const pairings = scored.flatMap(({ dockerfile, scores }): readonly Pairing[] => {
    // An image that another Dockerfile fits better is left to that one.
    const free = scores.filter(({ image, score }) => score > 0 && score === bestOf(image))
    const best = Math.max(0, ...free.map(({ score }) => score))
    const candidates = free.filter(({ score }) => score === best).map(({ image }) => image)
    return candidates.length === 0 ? [] : [{ dockerfile, candidates }]
  })
  const paired = new Set(pairings.flatMap(({ candidates }) => candidates))
  return {
    pairings,
    alone: dockerfiles.filter(one => !pairings.some(({ dockerfile }) => dockerfile === one)),
    foreign: images.filter(image => !paired.has(image)),
  }
}

function scoreOf({ names, image }: FoundDockerfile, candidate: string): number {
  if (image !== undefined && repositoryOf(image) === repositoryOf(candidate)) return 5
  const base = plainName(
    candidate
      .replace(/@.*$/, '')
      .replace(/:[^/:]+$/, '')
      .split('/')
      .at(-1) ?? '',
  )
  const own = names.map(plainName).filter(name => name !== '')
  if (own[0] === base) return 4
  if (own.includes(base)) return 3
  return own.some(name => isPart(name, base) || isPart(base, name)) ? 2 : 0
}

/** Whether a name is one end of another: `auth` of `tour-auth` and of `auth-service`. */
const isPart = (short: string, long: string): boolean =>
  long.endsWith(`-${short}`) || long.startsWith(`${short}-`)

const plainName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '-')
