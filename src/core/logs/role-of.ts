import type { LinkedImage } from '../manifest/linked-image.js'
import type { ObservedContainer } from '../rollout-observation.js'
import type { LogOrigin } from './log-line.js'

/**
 * What a container of a pod is. `images` are those of the workload as the manifest has it, `main` is what `appContainerOf` says of the pod. A
 * container that the manifest does not name was put there by somebody else: a mesh's sidecar.
 */
export function roleOf(
  { name, init, sidecar }: Pick<ObservedContainer, 'name' | 'init' | 'sidecar'>,
  { images, main }: { readonly images: readonly LinkedImage[]; readonly main: string | undefined },
): LogOrigin['role'] {
  if (sidecar) return 'sidecar'
  if (init) return 'init'
  const isBuilt = images.some(image => !image.init && image.container === name && image.service !== undefined)
  return isBuilt || name === main ? 'app' : 'sidecar'
}
