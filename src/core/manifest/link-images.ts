import { matchesService, parseImageRef, repositoryOf } from '../image-ref.js'
import { displayRef, type KubeObject, refOf } from '../kube-object.js'
import type { Diagnostic, SourceRange } from '../problem.js'
import type { ServiceSpec } from '../project.js'
import { displayPath } from './fields.js'
import type { LinkedImage } from './linked-image.js'
import { nearest } from './nearest.js'
import { type ContainerAt, containersOf } from './pod-template.js'
import { type ReplaceSpec, textsAt } from './replace-path.js'

/** Says of an image in a manifest which service builds it; a service with that very tag comes before one without. */
export function serviceMatcher(services: readonly ServiceSpec[]): (image: string) => string | undefined {
  const byRepository = new Map<string, ServiceSpec[]>()
  for (const service of services) {
    const repository = repositoryOf(service.image)
    if (repository === undefined) continue
    const same = byRepository.get(repository)
    if (same === undefined) byRepository.set(repository, [service])
    else same.push(service)
  }
  return image => {
    const candidates = byRepository.get(repositoryOf(image) ?? '') ?? []
    const matches = candidates.filter(service => matchesService(image, service.image))
    return (matches.find(service => hasTag(service.image)) ?? matches[0])?.name
  }
}

function hasTag(image: string): boolean {
  const parsed = parseImageRef(image)
  return parsed.ok && (parsed.value.tag !== undefined || parsed.value.digest !== undefined)
}

export interface WorkloadImages {
  readonly images: readonly LinkedImage[]
  readonly diagnostics: readonly Diagnostic[]
}

/** The images of one workload, each with the service that builds it: by its name, or because the service's `workloads` names the workload. */
export function linkImages(
  object: KubeObject,
  source: SourceRange,
  options: {
    readonly match: (image: string) => string | undefined
    readonly claims: ReadonlyMap<string, readonly ServiceSpec[]>
    readonly replace: readonly ReplaceSpec[]
  },
): WorkloadImages {
  const containers = containersOf(object)
  const diagnostics: Diagnostic[] = []
  const claimed = new Map<ContainerAt, string>()
  for (const service of options.claims.get(workloadName(object)) ?? []) {
    if (containers.some(({ image }) => image !== undefined && options.match(image) === service.name)) continue
    const container = claimedContainer(service, containers)
    if (container !== undefined) {
      claimed.set(container, service.name)
      continue
    }
    const names = containers.map(({ name }) => name)
    const near = service.container === undefined ? undefined : nearest(service.container, names)
    const problem =
      service.container === undefined
        ? `has ${names.length} containers (${names.join(', ')}), and service ${service.name} does not say which is its own`
        : `has no container "${service.container}" for service ${service.name}, but ${names.join(', ')}`
    diagnostics.push({
      severity: 'error',
      message: `${displayRef(refOf(object))} ${problem}`,
      range: source,
      suggestion: near === undefined ? `set container: of service ${service.name}` : `did you mean ${near}?`,
    })
  }
  const images = containers.flatMap((container): LinkedImage[] => {
    const service =
      claimed.get(container) ?? (container.image === undefined ? undefined : options.match(container.image))
    // A container without an image is right where a service that claims it fills it in.
    if (container.image === undefined && service === undefined) return []
    return [
      {
        path: [...container.path, 'image'],
        container: container.name,
        init: container.type === 'init',
        image: container.image ?? '',
        ...(service === undefined ? {} : { service }),
      },
    ]
  })
  return { images: [...images, ...bareImages(object, images, options)], diagnostics }
}

/** Images of services where `replace` says; what no service builds there may be no image at all. */
function bareImages(
  object: KubeObject,
  known: readonly LinkedImage[],
  {
    match,
    replace,
  }: {
    readonly match: (image: string) => string | undefined
    readonly replace: readonly ReplaceSpec[]
  },
): readonly LinkedImage[] {
  const places = new Set(known.map(({ path }) => displayPath(path)))
  return replace
    .filter(({ kind }) => kind === object.kind)
    .flatMap(({ path }) => textsAt(object, path))
    .flatMap(({ path, text }): LinkedImage[] => {
      const service = match(text)
      const place = displayPath(path)
      if (service === undefined || places.has(place)) return []
      places.add(place)
      return [{ path, container: '', init: false, bare: true, image: text, service }]
    })
}

function claimedContainer(service: ServiceSpec, containers: readonly ContainerAt[]): ContainerAt | undefined {
  if (service.container !== undefined) return containers.find(({ name }) => name === service.container)
  const main = containers.filter(({ type }) => type === 'container')
  return main.length === 1 ? main[0] : undefined
}

/** `deployment/tour`, as `workloads` in the config names it. */
export function workloadName(object: KubeObject): string {
  return `${object.kind.toLowerCase()}/${object.metadata.name}`
}
