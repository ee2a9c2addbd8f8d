import { displayRef, type KubeObject, refOf } from '../../core/kube-object.js'
import { fieldsOf } from '../../core/manifest/fields.js'
import { isDefaultClass, storageClaimsOf, volumeClass } from '../../core/manifest/storage-classes.js'
import type { ApplyRejected, SourceRange } from '../../core/problem.js'
import type { ApiResource, Cluster } from '../../ports/cluster.js'

const storageClasses: ApiResource = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  namespaced: false,
  verbs: ['list'],
}
const volumes: ApiResource = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  namespaced: false,
  verbs: ['list'],
}

export interface StorageCheck {
  readonly object: KubeObject
  readonly source: SourceRange
  /** Classes that the manifests themselves see to. */
  readonly provided: () => ReadonlySet<string>
  readonly signal: AbortSignal
}

/**
 * The storage class that an object asks for and nothing will give it: its pods would stay Pending, and nothing would say why. A volume of that class, or a
 * claim that is bound already, is as good as the class. What may not be read is left to the cluster.
 */
export async function missingStorageClass(
  cluster: Cluster,
  { object, source, provided, signal }: StorageCheck,
): Promise<ApplyRejected | undefined> {
  const all = storageClaimsOf(object)
  if (all.length === 0) return undefined
  const present = provided()
  const claims = all.filter(({ className }) => !present.has(className))
  if (claims.length === 0) return undefined
  const classes = await cluster.list(storageClasses)
  if (!classes.ok) return undefined
  const names = classes.value.map(({ metadata }) => metadata.name)
  for (const { className, claim } of claims) {
    if (names.includes(className)) continue
    const { namespace } = object.metadata
    const ref = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: claim }
    const bound = await cluster.get(namespace === undefined ? ref : { ...ref, namespace }, signal)
    if (!bound.ok || fieldsOf(bound.value?.status).phase === 'Bound') continue
    const made = await cluster.list(volumes)
    if (!made.ok || made.value.some(volume => volumeClass(volume) === className)) continue
    return problemOf({ object, source, className, classes: classes.value })
  }
  return undefined
}

function problemOf({
  object,
  source,
  className,
  classes,
}: Pick<StorageCheck, 'object' | 'source'> & {
  readonly className: string
  readonly classes: readonly KubeObject[]
}): ApplyRejected {
  const names = classes.map(one => `${one.metadata.name}${isDefaultClass(one) ? ' (default)' : ''}`)
  const target = (classes.find(isDefaultClass) ?? classes[0])?.metadata.name
  const has = names.length === 0 ? 'it has none' : `it has: ${names.join(', ')}`
  return {
    kind: 'apply-rejected',
    object: displayRef(refOf(object)),
    source,
    reason: 'storage-class',
    message: `storage class ${className} is not on this cluster; ${has}`,
    fields: [],
    hint:
      target === undefined
        ? `Install a storage provisioner with a StorageClass ${className}.`
        : `Map it in the config: "storageClasses: { ${className}: ${target} }".`,
  }
}
