import type { SourceRange } from './problem.js'

/** Any Kubernetes API object, as JSON. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
  readonly [key: string]: unknown
}

export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string
  readonly generateName?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
  readonly ownerReferences?: readonly OwnerReference[]
  readonly managedFields?: readonly ManagedFieldsEntry[]
  readonly [key: string]: unknown
}

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
}

export interface ManagedFieldsEntry {
  readonly manager?: string
  readonly operation?: 'Apply' | 'Update'
  readonly apiVersion?: string
  readonly time?: string
  readonly subresource?: string
  readonly fieldsV1?: Readonly<Record<string, unknown>>
}

/** Names one object in a cluster. `namespace` is absent for cluster-wide kinds. */
export interface ObjectRef {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
  readonly name: string
}

/** An object as rendered, with the place that it came from. */
export interface ManifestObject {
  readonly object: KubeObject
  readonly source: SourceRange
  /** What rendered it, for messages: `kustomize overlays/dev`. */
  readonly renderer?: string
  /** The namespace of its root: where it goes if it names none, before the project's own default. */
  readonly home?: string
  /** Images as rendered, with the names that they had before Kustomize's `images:` renamed or retagged them. */
  readonly formerImages?: ReadonlyMap<string, readonly string[]>
  /** The chart release that it is part of: its hooks run before and after its other objects. */
  readonly release?: string
}

/** The API group of an apiVersion: `apps` of `apps/v1`, the empty string of `v1`. */
export function apiGroup(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash === -1 ? '' : apiVersion.slice(0, slash)
}

export function refOf(object: KubeObject): ObjectRef {
  const { namespace, name } = object.metadata
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
  }
}

/** Identifies an object across API versions of its group: `apps/Deployment/shop/tour`; cluster-wide kinds leave the namespace empty. */
export function refKey(ref: ObjectRef): string {
  return `${apiGroup(ref.apiVersion)}/${ref.kind}/${ref.namespace ?? ''}/${ref.name}`
}

/** As kubectl names it for people: `deployment/tour`, with ` -n shop` where a namespace is given. */
export function displayRef(ref: ObjectRef): string {
  return `${ref.kind.toLowerCase()}/${ref.name}${ref.namespace === undefined ? '' : ` -n ${ref.namespace}`}`
}
