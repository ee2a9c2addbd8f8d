import { err, ok, type Result } from './result.js'

/** A reference to an image, taken apart and with Docker's defaults filled in: `redis:7` is `docker.io`, `library/redis`, `7`. */
export interface ImageRef {
  /** Registry host with its port. */
  readonly domain: string
  /** Repository within the registry. */
  readonly path: string
  readonly tag?: string
  /** `sha256:…`. */
  readonly digest?: string
}

// The grammar of github.com/distribution/reference, anchored.
const DOMAIN_LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const DOMAIN = new RegExp(`^(?:${DOMAIN_LABEL}(?:\\.${DOMAIN_LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`)
const PATH_COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/
const HEX_ID = /^[a-f0-9]{64}$/
const NAME_LIMIT = 255
const DOCKER_HUB = 'docker.io'

/** Takes a reference apart as Docker does. The error says in words what is wrong with it. */
export function parseImageRef(reference: string): Result<ImageRef, string> {
  const parts = splitReference(reference)
  if (parts.name === '') return err(reference === '' ? 'is empty' : 'has no image name')
  if (HEX_ID.test(parts.name)) return err('is an image id, not a name')
  const { domain, path } = splitDomain(parts.name)
  if (!DOMAIN.test(domain)) return err(`has an invalid registry host "${domain}"`)
  for (const component of path.split('/')) {
    const problem = componentProblem(component)
    if (problem !== undefined) return err(problem)
  }
  if (domain.length + 1 + path.length > NAME_LIMIT)
    return err(`has a name of more than ${NAME_LIMIT} characters`)
  if (parts.tag !== undefined && !TAG.test(parts.tag)) return err(`has an invalid tag "${parts.tag}"`)
  if (parts.digest !== undefined && !DIGEST.test(parts.digest))
    return err(`has an invalid digest "${parts.digest}"`)
  return ok({
    domain,
    path,
    ...(parts.tag === undefined ? {} : { tag: parts.tag }),
    ...(parts.digest === undefined ? {} : { digest: parts.digest }),
  })
}

/** The whole reference, with its registry: `docker.io/library/redis:7`. Nothing is added that `ref` has not. */
export function formatImageRef(ref: ImageRef): string {
  const tag = ref.tag === undefined ? '' : `:${ref.tag}`
  const digest = ref.digest === undefined ? '' : `@${ref.digest}`
  return `${ref.domain}/${ref.path}${tag}${digest}`
}

/** The reference as container runtimes list it: with registry, and `:latest` where neither tag nor digest is given. Undefined where it is invalid. */
export function normalizeImageRef(reference: string): string | undefined {
  const parsed = parseImageRef(reference)
  if (!parsed.ok) return undefined
  const { tag, digest } = parsed.value
  return formatImageRef(
    tag === undefined && digest === undefined ? { ...parsed.value, tag: 'latest' } : parsed.value,
  )
}

/** Registry and repository alone: `docker.io/library/redis` of `redis:7`. Undefined where the reference is invalid. */
export function repositoryOf(reference: string): string | undefined {
  const parsed = parseImageRef(reference)
  return parsed.ok ? `${parsed.value.domain}/${parsed.value.path}` : undefined
}

/**
 * Whether an image in a manifest is the one that a service builds. A service image without a tag means its repository with any tag or digest;
 * with a tag only that very tag (so blue and green can be two tags of one repository), with a digest only that digest.
 */
export function matchesService(reference: string, serviceImage: string): boolean {
  const found = parseImageRef(reference)
  const wanted = parseImageRef(serviceImage)
  if (!found.ok || !wanted.ok) return false
  const { domain, path, tag, digest } = wanted.value
  if (found.value.domain !== domain || found.value.path !== path) return false
  if (digest !== undefined) return found.value.digest === digest
  return tag === undefined || found.value.tag === tag
}

/** The same repository, as it was written, with this tag in place of its own tag or digest: `pusan/tour:old` → `pusan/tour:new`. */
export function withTag(repository: string, tag: string): string {
  return `${splitReference(repository).name}:${tag}`
}

/** Whether the kubelet pulls this image at each start where the pod says nothing: `:latest`, or neither tag nor digest. */
export function pullsByDefault(reference: string): boolean {
  const { tag, digest } = splitReference(reference)
  return tag === 'latest' || (tag === undefined && digest === undefined)
}

/** Cuts at the marks alone; the parts may be invalid. */
function splitReference(reference: string): {
  readonly name: string
  readonly tag: string | undefined
  readonly digest: string | undefined
} {
  const at = reference.indexOf('@')
  const digest = at === -1 ? undefined : reference.slice(at + 1)
  const rest = at === -1 ? reference : reference.slice(0, at)
  const colon = rest.lastIndexOf(':')
  // A colon before a slash belongs to the registry's port.
  if (colon <= rest.lastIndexOf('/')) return { name: rest, tag: undefined, digest }
  return { name: rest.slice(0, colon), tag: rest.slice(colon + 1), digest }
}

/** Docker's rule: the first part is a registry if it has a dot, a port or an upper-case letter, or is `localhost`. */
function splitDomain(name: string): { readonly domain: string; readonly path: string } {
  const slash = name.indexOf('/')
  const first = slash === -1 ? '' : name.slice(0, slash)
  const isDomain = slash !== -1 && (/[.:A-Z]/.test(first) || first === 'localhost')
  if (!isDomain) return { domain: DOCKER_HUB, path: slash === -1 ? `library/${name}` : name }
  const domain = first === 'index.docker.io' ? DOCKER_HUB : first
  const path = name.slice(slash + 1)
  return { domain, path: domain === DOCKER_HUB && !path.includes('/') ? `library/${path}` : path }
}

function componentProblem(component: string): string | undefined {
  if (PATH_COMPONENT.test(component)) return undefined
  if (component === '') return 'has an empty part in its name'
  if (/[A-Z]/.test(component)) return `must be lower case, but has "${component}"`
  return `has an invalid part "${component}" in its name`
}
