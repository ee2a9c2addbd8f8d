import type { KubeObject, ObjectRef } from '../core/kube-object.js'
import type { SourceRange } from '../core/problem.js'
import type { Result } from '../core/result.js'
import type { Observation } from '../core/rollout-observation.js'

export interface ClusterIdentity {
  readonly context: string
  readonly server: string
  /** UID of the kube-system namespace: what tells one cluster from another of the same name. */
  readonly uid: string
  readonly version: string
}

export interface ApplyOptions {
  readonly fieldManager: string
  /** Take fields that other managers hold. */
  readonly force: boolean
  readonly dryRun?: boolean
  readonly source?: SourceRange
  readonly signal?: AbortSignal
}

export interface Applied {
  readonly object: KubeObject
  /** True where this very request made the object. */
  readonly created: boolean
  /** The API server's warnings, whole. */
  readonly warnings: readonly string[]
}

/** What the API server serves under one kind. */
export interface ApiResource {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
}

export interface DeleteOptions {
  /** Deletes nothing where the object has another UID; that counts as success, for ours is gone. */
  readonly uid: string
  readonly propagation: 'Background' | 'Foreground' | 'Orphan'
  readonly signal?: AbortSignal
  /** Wait until the object is gone. */
  readonly wait: boolean
}

/** `absent`: there was nothing of that UID. */
export type Deletion = 'deleted' | 'absent'

/** The API server. Failures are `cluster-unreachable`, `apply-rejected`, `apply-conflict`, `delete-failed` or `cancelled`. */
export interface Cluster {
  identity(signal?: AbortSignal): Promise<Result<ClusterIdentity>>
  /** Every served kind, preferred versions first. Cached until `refresh`. */
  discover(options?: { readonly refresh: boolean }): Promise<Result<readonly ApiResource[]>>
  /** Undefined where there is no such object or no such kind. */
  get(ref: ObjectRef, signal?: AbortSignal): Promise<Result<KubeObject | undefined>>
  list(
    resource: ApiResource,
    options?: {
      readonly namespace?: string
      readonly labelSelector?: string
      readonly metadataOnly?: boolean
    },
  ): Promise<Result<readonly KubeObject[]>>
  /** Server-side apply. */
  apply(object: KubeObject, options: ApplyOptions): Promise<Result<Applied>>
  /** Replaces an object as read and edited, guarded by its resourceVersion. */
  replace(object: KubeObject, fieldManager: string): Promise<Result<KubeObject>>
  delete(ref: ObjectRef, options: DeleteOptions): Promise<Result<Deletion>>
  /** Closes idle connections. */
  close(): void
}

/** A kind of which every object of the cluster is looked at. */
export interface WatchedKind {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
}

/** Sees workloads, pods and events as they change: lists, then watches, and keeps at it through every lost connection until aborted. */
export interface ClusterObserver {
  /** Returns at once; observations come in the order in which the cluster sent them. */
  observe(namespace: string, sink: (observation: Observation) => void, signal: AbortSignal): void
  /** Calls `seen` with the name of each object of a cluster-wide kind, and again whenever it changes. What may not be watched is never seen. */
  follow(kind: WatchedKind, seen: (name: string) => void, signal: AbortSignal): void
  /** Calls `changed` with all objects that a namespace has of a kind once they were listed, and again whenever one of them changes. What may not be watched counts as none. */
  track(
    kind: WatchedKind,
    namespace: string,
    changed: (objects: readonly KubeObject[]) => void,
    signal: AbortSignal,
  ): void
  /** Connects every watch anew, from what it showed last: a link may be dead without having ended. Absent where there are no links. */
  redial?(): void
}
