import { type KubeObject, type ObjectRef, refKey, refOf } from '../kube-object.js'
import type { Project } from '../project.js'
import { type FieldPath, isFields, itemsOf, valueAt, withValueAt } from './fields.js'
import type { Scope } from './scope.js'

export interface Placement {
  readonly namespace: Project['namespace']
  readonly scopeOf: (apiVersion: string, kind: string) => Scope
  /** For each object, the namespace of the root that it came from, where that has one. */
  readonly homes?: readonly (string | undefined)[]
}

/**
 * Gives each object its namespace: an absent one is filled, with `override` every one is replaced, a cluster-wide object loses what it has.
 * References from RBAC, webhooks, APIServices and CRDs to objects of these manifests follow an object that moved.
 */
export function placeObjects(objects: readonly KubeObject[], placement: Placement): readonly KubeObject[] {
  const projectHome = placement.namespace.default ?? 'default'
  const homeOf = (at: number): string => placement.homes?.[at] ?? projectHome
  const override = placement.namespace.override && placement.namespace.default !== undefined
  const moved = new Map<string, string>()
  const placed = objects.map((object, at) => {
    const home = homeOf(at)
    const given = object.metadata.namespace || undefined
    if (placement.scopeOf(object.apiVersion, object.kind) === 'cluster')
      return given === undefined ? object : withValueAt(object, ['metadata', 'namespace'], undefined)
    const namespace = override ? projectHome : (given ?? home)
    if (object.kind === 'ServiceAccount' || object.kind === 'Service')
      moved.set(refKey({ ...refOf(object), namespace: given ?? home }), namespace)
    return namespace === given ? object : withValueAt(object, ['metadata', 'namespace'], namespace)
  })
  return placed.map((object, at) => followMoved(object, homeOf(at), moved))
}

function followMoved(object: KubeObject, home: string, moved: ReadonlyMap<string, string>): KubeObject {
  let result = object
  for (const { path, kind } of referencesOf(object)) {
    const reference = valueAt(object, path)
    if (!isFields(reference) || typeof reference.name !== 'string') continue
    const given =
      typeof reference.namespace === 'string' && reference.namespace !== '' ? reference.namespace : home
    const ref: ObjectRef = { apiVersion: 'v1', kind, namespace: given, name: reference.name }
    const namespace = moved.get(refKey(ref))
    if (namespace !== undefined && namespace !== reference.namespace)
      result = withValueAt(result, [...path, 'namespace'], namespace)
  }
  return result
}

/** The references to a ServiceAccount or Service by name and namespace that an object of a built-in kind has. */
function referencesOf(object: KubeObject): readonly { readonly path: FieldPath; readonly kind: string }[] {
  switch (object.kind) {
    case 'RoleBinding':
    case 'ClusterRoleBinding':
      return itemsOf(object.subjects).flatMap((subject, at) =>
        valueAt(subject, ['kind']) === 'ServiceAccount'
          ? [{ path: ['subjects', at], kind: 'ServiceAccount' }]
          : [],
      )
    case 'MutatingWebhookConfiguration':
    case 'ValidatingWebhookConfiguration':
      return itemsOf(object.webhooks).map((_, at) => ({
        path: ['webhooks', at, 'clientConfig', 'service'],
        kind: 'Service',
      }))
    case 'APIService':
      return [{ path: ['spec', 'service'], kind: 'Service' }]
    case 'CustomResourceDefinition':
      return [{ path: ['spec', 'conversion', 'webhook', 'clientConfig', 'service'], kind: 'Service' }]
    default:
      return []
  }
}
