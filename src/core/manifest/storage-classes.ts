import type { KubeObject, ManifestObject } from '../kube-object.js'
import { type FieldPath, fieldsOf, itemsOf, stringOf, valueAt, withValueAt } from './fields.js'
import { podPathOf } from './pod-template.js'

/** Where claims named their class before they had a field for it. */
const annotation = 'volume.beta.kubernetes.io/storage-class'

/** A claim of a manifest that names a storage class. */
export interface StorageClaim {
  readonly className: string
  /** Of the class's name in the object. */
  readonly path: FieldPath
  /** The claim itself, or the first of those that a StatefulSet makes. */
  readonly claim: string
}

/** The claims of an object that name a storage class: a PersistentVolumeClaim itself, and the templates of a StatefulSet. */
export function storageClaimsOf(object: KubeObject): readonly StorageClaim[] {
  const { apiVersion, kind, metadata } = object
  if (apiVersion === 'v1' && kind === 'PersistentVolumeClaim') return claimAt(object, [], metadata.name)
  if (kind !== 'StatefulSet') return []
  return itemsOf(valueAt(object, ['spec', 'volumeClaimTemplates'])).flatMap((template, at) => {
    const name = stringOf(valueAt(template, ['metadata', 'name'])) ?? ''
    return claimAt(object, ['spec', 'volumeClaimTemplates', at], `${name}-${metadata.name}-0`)
  })
}

function claimAt(object: KubeObject, root: FieldPath, claim: string): readonly StorageClaim[] {
  // The empty name is a choice of its own: no class, only volumes that are there.
  return [
    [...root, 'spec', 'storageClassName'],
    [...root, 'metadata', 'annotations', annotation],
  ].flatMap(path => {
    const className = stringOf(valueAt(object, path))
    return className === undefined || className === '' ? [] : [{ className, path, claim }]
  })
}

/** Objects whose claims ask for the classes that the config puts in place of those of the manifests. */
export function withStorageClasses(
  objects: readonly ManifestObject[],
  classes: Readonly<Record<string, string>>,
): readonly ManifestObject[] {
  if (Object.keys(classes).length === 0) return objects
  return objects.map(manifest => {
    const object = storageClaimsOf(manifest.object).reduce<KubeObject>((next, { className, path }) => {
      const other = Object.hasOwn(classes, className) ? classes[className] : undefined
      return other === undefined ? next : withValueAt(next, path, other)
    }, manifest.object)
    return object === manifest.object ? manifest : { ...manifest, object }
  })
}

/** Classes that claims may name whether or not the cluster has them: those that these objects make, and those of volumes among them. */
export function providedStorageClasses(objects: Iterable<KubeObject>): ReadonlySet<string> {
  const names = new Set<string>()
  for (const object of objects) {
    if (object.kind === 'StorageClass') names.add(object.metadata.name)
    const className = object.kind === 'PersistentVolume' ? volumeClass(object) : undefined
    if (className !== undefined) names.add(className)
  }
  return names
}

/** The class of a PersistentVolume. */
export function volumeClass(volume: KubeObject): string | undefined {
  return stringOf(fieldsOf(volume.spec).storageClassName) ?? volume.metadata.annotations?.[annotation]
}

/** Whether a StorageClass is what claims get that name none. */
export function isDefaultClass({ metadata }: KubeObject): boolean {
  return (
    metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true' ||
    metadata.annotations?.['storageclass.beta.kubernetes.io/is-default-class'] === 'true'
  )
}

/** Names of the claims that the pods of a workload mount. */
export function mountedClaims(object: KubeObject): readonly string[] {
  const podPath = podPathOf(object)
  if (podPath === undefined) return []
  return itemsOf(valueAt(object, [...podPath, 'spec', 'volumes'])).flatMap(
    volume => stringOf(valueAt(volume, ['persistentVolumeClaim', 'claimName'])) ?? [],
  )
}
