import type { LinkedImage } from '../manifest/linked-image.js'
import type { ObservedContainer } from '../rollout-observation.js'
import type { LogOrigin } from './log-line.js'

/**
 * What a container of a pod is, given the images of the workload as the manifest has it. A container that the manifest does not name was
 * put there by somebody else: a mesh's sidecar. Where no service builds any of them the workload is for its first container.
 */
export function roleOf(
  { name, init, sidecar }: Pick<ObservedContainer, 'name' | 'init' | 'sidecar'>,
  images: readonly LinkedImage[],
): LogOrigin['role'] {
  if (sidecar) return 'sidecar'
  if (init) return 'init'
  const own = images.filter(image => !image.init)
  const built = own.filter(({ service }) => service !== undefined)
  const apps = built.length > 0 ? built : own.slice(0, 1)
  return apps.some(({ container }) => container === name) ? 'app' : 'sidecar'
}
