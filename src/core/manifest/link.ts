import { parseImageRef, repositoryOf } from '../image-ref.js'
import { type KubeObject, type ManifestObject, type ObjectRef, refKey, refOf } from '../kube-object.js'
import type { Diagnostic, SourceRange } from '../problem.js'
import type { Project, ServiceSpec } from '../project.js'
import { collisions } from './collisions.js'
import { withConfigHash } from './config-hash.js'
import { contentHash } from './content-hash.js'
import { linkImages, serviceMatcher, workloadName } from './link-images.js'
import type { LinkedImage } from './linked-image.js'
import { nearest } from './nearest.js'
import { compareTiers, tierOf } from './order.js'
import { placeObjects } from './place.js'
import { podPathOf } from './pod-template.js'
import { hookOf, type ReleaseHook } from './release-hook.js'
import { type ScopeLookup, scopesOf } from './scope.js'
import { withFastRollout } from './with-fast-rollout.js'

/** An object of the manifests as it is to be applied, but for the images of services. */
export interface LinkedObject {
  /** `refKey` of `ref`. */
  readonly key: string
  readonly ref: ObjectRef
  readonly object: KubeObject
  readonly source: SourceRange
  /** See `tierOf`. */
  readonly tier: number
  readonly isWorkload: boolean
  readonly images: readonly LinkedImage[]
  /** Services whose images it runs, each once. */
  readonly services: readonly string[]
  /** SHA-256, hex, of `object`. */
  readonly contentHash: string
  /** The chart release that it is part of. */
  readonly release?: string
  /** When it runs in its release; absent for what is no hook. */
  readonly hook?: ReleaseHook
}

export interface LinkedManifests {
  /** In the order in which they are applied. */
  readonly objects: readonly LinkedObject[]
  /** What the manifests have besides, and a session of some services leaves alone. */
  readonly unselected?: readonly LinkedObject[]
  /** Namespaces that objects are in and that no manifest makes, sorted. The caller creates the one of the config where `create` says so. */
  readonly namespacesNeeded: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
}

export interface LinkOptions {
  readonly objects: readonly ManifestObject[]
  readonly services: readonly ServiceSpec[]
  /** Where `default` is undefined, `default` is filled in. */
  readonly namespace: Project['namespace']
  readonly scope: ScopeLookup
  /** Secret key of the config hash; the same for as long as nothing should roll. */
  readonly configHashKey: string
  readonly replace?: Project['replace']
}

/** Prepares rendered manifests for a project: namespaces, order, which service builds which image, and a roll when config changes. */
export function linkObjects(options: LinkOptions): LinkedManifests {
  const { objects, services } = options
  const raw = objects.map(({ object }) => object)
  const placed = placeObjects(raw, {
    namespace: options.namespace,
    scopeOf: scopesOf(raw, options.scope),
    homes: objects.map(({ home }) => home),
  })
  const byKey = new Map(placed.map(object => [refKey(refOf(object)), object]))
  const match = serviceMatcher(services)
  const claims = claimsOf(services)
  const isFast = (name: string) =>
    services.some(service => service.name === name && service.fastRollout === true)
  const diagnostics: Diagnostic[] = []
  const linked = objects.map(({ source, formerImages, release }, at): LinkedObject => {
    const bare = placed[at] ?? raw[at]
    if (bare === undefined) throw new RangeError(`no object ${at}`)
    const images = linkImages(bare, source, {
      match: former(match, formerImages),
      claims,
      replace: options.replace ?? [],
    })
    diagnostics.push(...images.diagnostics)
    const hashed = withConfigHash(bare, byKey, options.configHashKey)
    const object = withFastRollout(hashed, images.images, isFast)
    const ref = refOf(object)
    return {
      key: refKey(ref),
      ref,
      object,
      source,
      tier: tierOf(ref),
      isWorkload: podPathOf(ref) !== undefined,
      images: images.images,
      services: [...new Set(images.images.flatMap(({ service }) => service ?? []))],
      contentHash: contentHash(object),
      ...releaseOf(object, release),
    }
  })
  return {
    objects: linked.toSorted(compareTiers),
    namespacesNeeded: namespacesNeeded(linked),
    diagnostics: [
      ...collisions(linked.map(({ ref, source }, at) => ({ ref, source, renderer: objects[at]?.renderer }))),
      ...diagnostics,
      ...claimFindings(services, placed),
      ...unusedFindings(services, linked),
    ],
  }
}

/** A service matches an image by the name that it has now, or by one that it had before it was renamed. */
function former(
  match: (image: string) => string | undefined,
  names: ManifestObject['formerImages'],
): (image: string) => string | undefined {
  if (names === undefined) return match
  return image =>
    match(image) ??
    names
      .get(image)
      ?.map(match)
      .find(service => service !== undefined)
}

function releaseOf(object: KubeObject, release: string | undefined): Pick<LinkedObject, 'release' | 'hook'> {
  if (release === undefined) return {}
  const verdict = hookOf(object)
  return verdict.kind === 'hook' ? { release, hook: verdict.hook } : { release }
}

function claimsOf(services: readonly ServiceSpec[]): ReadonlyMap<string, readonly ServiceSpec[]> {
  const claims = new Map<string, ServiceSpec[]>()
  for (const service of services) {
    for (const workload of service.workloads) {
      const same = claims.get(workload)
      if (same === undefined) claims.set(workload, [service])
      else same.push(service)
    }
  }
  return claims
}

function namespacesNeeded(linked: readonly LinkedObject[]): readonly string[] {
  const made = new Set(linked.filter(({ tier }) => tier === 0).map(({ ref }) => ref.name))
  const used = new Set(linked.flatMap(({ ref }) => ref.namespace ?? []))
  return [...used].filter(name => !made.has(name)).sort()
}

/** Workloads that a service claims and that no manifest has. */
function claimFindings(
  services: readonly ServiceSpec[],
  objects: readonly KubeObject[],
): readonly Diagnostic[] {
  const names = new Set(objects.filter(object => podPathOf(object) !== undefined).map(workloadName))
  return services.flatMap(service =>
    service.workloads
      .filter(workload => !names.has(workload))
      .map((workload): Diagnostic => {
        const near = nearest(workload, names)
        return {
          severity: 'error',
          message: `service ${service.name} names ${workload}, but no manifest has it`,
          ...(near === undefined ? {} : { suggestion: `did you mean ${near}?` }),
        }
      }),
  )
}

/** Services whose image nothing runs. One that others build upon needs no workload. */
function unusedFindings(
  services: readonly ServiceSpec[],
  linked: readonly LinkedObject[],
): readonly Diagnostic[] {
  const used = new Set([
    ...linked.flatMap(object => object.services),
    ...services.flatMap(({ requires }) => requires.map(({ service }) => service)),
  ])
  const images = linked.flatMap(object => object.images.filter(({ service }) => service === undefined))
  const references = [...new Set(images.map(({ image }) => image))]
  return services
    .filter(({ name }) => !used.has(name))
    .map((service): Diagnostic => {
      const near = nearImage(service.image, references)
      return {
        severity: 'warning',
        message: `no manifest uses image ${service.image} of service ${service.name}`,
        suggestion:
          near === undefined
            ? `set image: of service ${service.name} to what its manifest says, or name its workloads by "workloads"`
            : `the manifests use ${near}: did you mean that?`,
      }
    })
}

/** An image whose name is like this one, or is this one with another tag, registry or owner, or with more words. */
function nearImage(image: string, references: readonly string[]): string | undefined {
  const repository = repositoryOf(image)
  const lastPart = (reference: string): string => {
    const parsed = parseImageRef(reference)
    return parsed.ok ? (parsed.value.path.split('/').at(-1) ?? '') : reference
  }
  const name = lastPart(image)
  const sameName = references.find(found => repositoryOf(found) === repository || lastPart(found) === name)
  if (sameName !== undefined) return sameName
  const byName = new Map(references.map(found => [lastPart(found), found]))
  const close = nearest(name, byName.keys())
  if (close !== undefined) return byName.get(close)
  return references.find(
    found => lastPart(found).startsWith(`${name}-`) || name.startsWith(`${lastPart(found)}-`),
  )
}
