import { parseImageRef } from '../image-ref.js'
import { displayRef } from '../kube-object.js'
import { fieldsOf, itemsOf, stringOf, valueAt } from '../manifest/fields.js'
import type { LinkedObject } from '../manifest/link.js'
import type { ServiceSpec } from '../project.js'
import type { LintFinding } from './lint-finding.js'
import { podContainers, podLabels, selects } from './pods.js'

/** Names of environment variables that are set twice: the last one wins, and the first one is read by whoever looks for the value. */
export function lintEnvironment(objects: readonly LinkedObject[]): readonly LintFinding[] {
  return objects.flatMap(object =>
    podContainers(object).flatMap(({ path, fields }) => {
      const seen = new Set<string>()
      return itemsOf(fields.env).flatMap((entry, at): LintFinding[] => {
        const name = stringOf(fieldsOf(entry).name)
        if (name === undefined) return []
        if (!seen.has(name)) {
          seen.add(name)
          return []
        }
        const message = `container ${String(fields.name)} of ${displayRef(object.ref)} sets ${name} twice; the last one counts`
        return [{ object, path: [...path, 'env', at, 'name'], message }]
      })
    }),
  )
}

/** Containers of ours that a Service leads to before they listen, for nothing tells when they do. */
export function lintProbes(objects: readonly LinkedObject[]): readonly LintFinding[] {
  const services = objects.filter(({ ref }) => ref.apiVersion === 'v1' && ref.kind === 'Service')
  return objects.flatMap(object => {
    const labels = podLabels(object)
    const isServed = services.some(
      service =>
        service.ref.namespace === object.ref.namespace &&
        selects(fieldsOf(valueAt(service.object, ['spec', 'selector'])), labels),
    )
    if (!isServed || object.ref.kind === 'Job' || object.ref.kind === 'CronJob') return []
    return podContainers(object)
      .filter(({ lasting }) => lasting)
      .flatMap(({ path, fields }): LintFinding[] => {
        const isOurs = object.images.some(
          ({ container, service }) => container === fields.name && service !== undefined,
        )
        if (!isOurs || fields.readinessProbe !== undefined) return []
        return [
          {
            object,
            path: [...path, 'name'],
            message: `container ${String(fields.name)} of ${displayRef(object.ref)} has no readinessProbe: its Service sends requests before it listens`,
          },
        ]
      })
  })
}

/** Images that look as if they were built here, and are not; and those that are, under a tag that means nothing. */
export function lintImages(
  objects: readonly LinkedObject[],
  services: readonly ServiceSpec[],
): readonly LintFinding[] {
  const owners = new Set(services.flatMap(({ image }) => ownerOf(image) ?? []))
  return objects.flatMap(object =>
    object.images.flatMap(({ image, path, service }): LintFinding[] => {
      const parsed = parseImageRef(image)
      if (!parsed.ok) return []
      const { tag, digest } = parsed.value
      if (service !== undefined)
        return tag === 'latest'
          ? [
              {
                object,
                path,
                message: `${image}, which service ${service} builds, is tagged latest: devloop runs what it built, others would pull whatever that is`,
              },
            ]
          : []
      const owner = ownerOf(image)
      const isVersioned = digest !== undefined || (tag !== undefined && tag !== 'latest' && tag !== 'dev')
      if (owner === undefined || isVersioned || !owners.has(owner)) return []
      const message = `no service builds ${image} of ${displayRef(object.ref)}, although others of ${owner} are built here`
      return [{ object, path, message, suggestion: 'add a service with this image, or give it a version' }]
    }),
  )
}

/** Registry and all of the path but the last part: `ghcr.io/shop` of `ghcr.io/shop/web`. None for images without an owner. */
function ownerOf(image: string): string | undefined {
  const parsed = parseImageRef(image)
  if (!parsed.ok) return undefined
  const { domain, path } = parsed.value
  const parts = path.split('/').slice(0, -1)
  if (parts.length === 0 || parts[0] === 'library') return undefined
  return [...(domain === 'docker.io' ? [] : [domain]), ...parts].join('/')
}
