import type { ObjectRef } from '../kube-object.js'
import type { RolloutFailed } from '../problem.js'
import type {
  ObservedEvent,
  ObservedPod,
  ObservedReplicaSet,
  ObservedWorkload,
} from '../rollout-observation.js'

/**
 * What is to be said of a workload after an apply. Any status may follow any other as the cluster changes; only a `failing` one with `final`
 * set will not get better without a change of the object.
 */
export type RolloutStatus =
  /** The controller has not seen what was applied. */
  | { readonly kind: 'waiting'; readonly message: string }
  | ({ readonly kind: 'progressing'; readonly message: string } & RolloutCounts)
  | ({ readonly kind: 'done'; readonly message: string } & RolloutCounts)
  /** Pods are not ready for a reason that is known. Not an end: a service that restarts until its dependency answers ends in success. */
  | ({
      readonly kind: 'failing'
      readonly problem: RolloutFailed
      readonly final: boolean
      readonly message: string
      /** A broken pod of an earlier revision for which the StatefulSet waits and which it never replaces: deleting it lets the rollout go on. */
      readonly blockedBy?: { readonly pod: string; readonly podUid: string }
    } & RolloutCounts)
  /** Someone said in the object that it is not to roll by itself. */
  | ({
      readonly kind: 'held'
      readonly reason: 'paused' | 'on-delete' | 'suspended'
      readonly message: string
    } & RolloutCounts)

export interface RolloutCounts {
  /** Pods of the newest revision that are Ready; for a Job, those that succeeded. */
  readonly ready: number
  readonly desired: number
  /** Pods of the newest revision. */
  readonly updated: number
  /** Pods of earlier revisions that still get traffic. */
  readonly oldEndpoints: number
}

export interface RolloutInput {
  /** When it is judged, in milliseconds since the epoch. */
  readonly at: number
  /** `refKey` of the object. */
  readonly key: string
  readonly ref: ObjectRef
  /** Undefined before it was seen, and for a bare Pod. */
  readonly workload: ObservedWorkload | undefined
  /** May hold pods and ReplicaSets of other workloads. */
  readonly pods: readonly ObservedPod[]
  readonly replicaSets: readonly ObservedReplicaSet[]
  /** The warnings that concern the object of that UID. */
  readonly eventsOf: (uid: string) => readonly ObservedEvent[]
  readonly applied: {
    readonly uid: string
    /** Of the apply's response. */
    readonly generation: number
    /** When the response came, in milliseconds since the epoch. */
    readonly at: number
    /** False where the apply changed nothing, so that what happened before it still counts. */
    readonly changed: boolean
  }
}
