import type { KubeObject } from '../kube-object.js'

/** What a controller does next. */
export type Action =
  | { readonly type: 'create'; readonly object: KubeObject }
  | { readonly type: 'delete'; readonly object: KubeObject }
  /** Sets the status, and annotations of the controller's own. */
  | {
      readonly type: 'update'
      readonly object: KubeObject
      readonly status?: Readonly<Record<string, unknown>>
      readonly annotations?: Readonly<Record<string, string>>
      readonly replicas?: number
    }

export interface Decision {
  readonly actions: readonly Action[]
  /** When to look again though nothing changes, in milliseconds since the epoch. */
  readonly wakeAt?: number
}

/** A workload with what its controllers made of it. */
export interface WorkloadView {
  readonly workload: KubeObject
  readonly replicaSets: readonly KubeObject[]
  readonly pods: readonly KubeObject[]
  readonly revisions: readonly KubeObject[]
  /** Milliseconds since the epoch. */
  readonly now: number
}
