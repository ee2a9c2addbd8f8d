import { parseImageRef } from '../image-ref.js'
import { type KubeObject, refKey, refOf } from '../kube-object.js'
import type { LinkedObject } from '../manifest/link.js'
import { workloadName } from '../manifest/link-images.js'
import type { LinkedImage } from '../manifest/linked-image.js'
import { tierOf } from '../manifest/order.js'
import { type ContainerAt, containersOf, podPathOf } from '../manifest/pod-template.js'
import { textMapAt } from '../observe/fields.js'
import type { ServiceSpec } from '../project.js'

/**
 * A workload as it was applied, with the services whose images it runs; undefined for an object that runs no pods. The manifests are not looked at: they
 * may say something else by now. Pods run images under a tag of devloop's, and maybe out of a registry, so the name alone says whose they are; where
 * services share it, the name of the container or of the workload does, or a part of the latter or a label of the pods: `shop-green` runs the image of
 * `green`, and of a service whose image is `shop:green`.
 */
export function ownedWorkload(
  object: KubeObject,
  services: readonly ServiceSpec[],
  configFile: string,
): LinkedObject | undefined {
  const ref = refOf(object)
  if (podPathOf(ref) === undefined) return undefined
  const containers = containersOf(object)
  const name = workloadName(object)
  const labels = Object.values(textMapAt(object, 'spec', 'template', 'metadata', 'labels'))
  const words = new Set([...ref.name.split('-'), ...labels])
  const images = containers.map((container): LinkedImage => {
    const service = serviceOf(container, { name, words, containers, services })
    return {
      path: [...container.path, 'image'],
      container: container.name,
      init: container.type === 'init',
      image: container.image ?? '',
      ...(service === undefined ? {} : { service }),
    }
  })
  return {
    key: refKey(ref),
    ref,
    object,
    source: { file: configFile, line: 1, column: 1, endLine: 1, endColumn: 1 },
    tier: tierOf(ref),
    isWorkload: true,
    images,
    services: [...new Set(images.flatMap(({ service }) => service ?? []))],
    contentHash: '',
  }
}

interface Workload {
  /** `kind/name` in lower case. */
  readonly name: string
  /** Parts of its name, and what the labels of its pods say. */
  readonly words: ReadonlySet<string>
  readonly containers: readonly ContainerAt[]
  readonly services: readonly ServiceSpec[]
}

function serviceOf(
  container: ContainerAt,
  { name, words, containers, services }: Workload,
): string | undefined {
  const built = services.filter(service => runs(container, service))
  if (built.length > 0) {
    const alike = [container.name, name.slice(name.indexOf('/') + 1)]
    const exact = built.find(service => alike.includes(service.name))
    const sides = built.filter(service => isSide(service, words))
    return (exact ?? (sides.length === 1 ? sides[0] : undefined) ?? built[0])?.name
  }
  const main = containers.filter(({ type }) => type !== 'init')
  return services.find(service => {
    if (!service.workloads.includes(name)) return false
    // A service whose image another container runs has that one.
    if (containers.some(other => runs(other, service))) return false
    return container.type !== 'init' && (service.container ?? main[0]?.name) === container.name
  })?.name
}

/** Whether a workload is told from others of the same repository by the service's name or by the tag that the config names. */
function isSide({ name, image }: ServiceSpec, words: ReadonlySet<string>): boolean {
  const wanted = parseImageRef(image)
  return words.has(name) || (wanted.ok && wanted.value.tag !== undefined && words.has(wanted.value.tag))
}

/** Whether the image has the name of the service's, behind whatever registry. */
function runs({ image }: ContainerAt, service: ServiceSpec): boolean {
  const found = image === undefined ? undefined : parseImageRef(image)
  const wanted = parseImageRef(service.image)
  if (found?.ok !== true || !wanted.ok) return false
  const path = wanted.value.path.replace(/^library\//, '')
  return (
    found.value.path === wanted.value.path ||
    found.value.path === path ||
    found.value.path.endsWith(`/${path}`)
  )
}
