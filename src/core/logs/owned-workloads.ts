import { parseImageRef } from '../image-ref.js'
import { type KubeObject, refKey, refOf } from '../kube-object.js'
import type { LinkedObject } from '../manifest/link.js'
import { workloadName } from '../manifest/link-images.js'
import type { LinkedImage } from '../manifest/linked-image.js'
import { tierOf } from '../manifest/order.js'
import { type ContainerAt, containersOf, podPathOf } from '../manifest/pod-template.js'
import type { ServiceSpec } from '../project.js'

/**
 * A workload as it was applied, with the services whose images it runs; undefined for an object that runs no pods. The manifests are not looked at: they
 * may say something else by now. Pods run images under a tag of devloop's, and maybe out of a registry, so the name alone says whose they are; where
 * services share it, the name of the container or of the workload does.
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
  const images = containers.map((container): LinkedImage => {
    const service = serviceOf(container, { name, containers, services })
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
  readonly containers: readonly ContainerAt[]
  readonly services: readonly ServiceSpec[]
}

function serviceOf(container: ContainerAt, { name, containers, services }: Workload): string | undefined {
  const built = services.filter(service => runs(container, service))
  if (built.length > 0) {
    const alike = [container.name, name.slice(name.indexOf('/') + 1)]
    return (built.find(service => alike.includes(service.name)) ?? built[0])?.name
  }
  const main = containers.filter(({ type }) => type !== 'init')
  return services.find(service => {
    if (!service.workloads.includes(name)) return false
    // A service whose image another container runs has that one.
    if (containers.some(other => runs(other, service))) return false
    return container.type !== 'init' && (service.container ?? main[0]?.name) === container.name
  })?.name
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
