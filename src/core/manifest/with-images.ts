import { pullsByDefault } from '../image-ref.js'
import type { KubeObject } from '../kube-object.js'
import { valueAt, withValueAt } from './fields.js'
import type { LinkedObject } from './link.js'

/**
 * The object with the images of services replaced by what was built. A pull policy of `Always`, given or by default, becomes `IfNotPresent`
 * where the nodes have the image from us (built, or as `onNodes` says), for a pull would fail or bring another; every other policy stays.
 */
export function withImages(
  linked: Pick<LinkedObject, 'object' | 'images'>,
  images: ReadonlyMap<string, string>,
  onNodes: (reference: string) => boolean,
): KubeObject {
  let object = linked.object
  for (const { path, image, service, bare } of linked.images) {
    const built = service === undefined ? undefined : images.get(service)
    if (built !== undefined) object = withValueAt(object, path, built)
    if (bare === true || (built === undefined && !onNodes(image))) continue
    const policyPath = [...path.slice(0, -1), 'imagePullPolicy']
    const policy = valueAt(object, policyPath)
    // The default of the image as written counts too: an object that was there before has it in the cluster, and would keep it.
    const always = policy === 'Always' || ((policy === undefined || policy === null) && pullsByDefault(image))
    if (always) object = withValueAt(object, policyPath, 'IfNotPresent')
  }
  return object
}

/** Services whose images this object needs and that are not built yet. */
export function missingImages(
  linked: Pick<LinkedObject, 'services'>,
  images: ReadonlyMap<string, string>,
): readonly string[] {
  return linked.services.filter(service => !images.has(service))
}
