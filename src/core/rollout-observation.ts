import type { NetworkProbe } from './network-probe.js'

/** What is seen of workloads and pods in the cluster, cut down to what decisions need. Plain JSON; times are RFC 3339 as the cluster wrote them. */

export interface ObservedCondition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly lastUpdateTime?: string
}

/** A Deployment, StatefulSet, DaemonSet or Job (or a bare Pod, see ObservedPod) as last seen. Absent counts are 0. */
export interface ObservedWorkload {
  readonly key: string
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** The controller that made it, such as the CronJob of a Job. */
  readonly owner?: { readonly apiVersion: string; readonly kind: string; readonly name: string }
  readonly generation: number
  readonly observedGeneration: number
  readonly replicas: number
  readonly updatedReplicas: number
  readonly readyReplicas: number
  readonly availableReplicas: number
  /** `spec.replicas` (1 where absent); a DaemonSet's `status.desiredNumberScheduled`; a Job's `spec.completions`. */
  readonly desiredReplicas: number
  /** `status.replicas`: pods of all revisions, terminating ones left out. */
  readonly totalReplicas: number
  readonly partition: number
  readonly updateStrategy?: string
  readonly paused: boolean
  readonly currentRevision?: string
  readonly updateRevision?: string
  /** Number of the newest revision: a Deployment's annotation `deployment.kubernetes.io/revision`, a DaemonSet's `deprecated.daemonset.template.generation`. */
  readonly revision?: number
  /** A Job's `spec.suspend`. */
  readonly suspended?: boolean
  readonly progressDeadlineSeconds?: number
  readonly conditions: readonly ObservedCondition[]
  /** Images of the pod template by container name. */
  readonly images: Readonly<Record<string, string>>
  readonly deleting: boolean
}

export interface ObservedContainer {
  readonly name: string
  readonly image: string
  readonly init: boolean
  /** An init container with restartPolicy Always. */
  readonly sidecar: boolean
  readonly ready: boolean
  readonly started: boolean
  readonly restarts: number
  /** Without its `containerd://` prefix; absent until the container was created. */
  readonly containerId?: string
  readonly state: ContainerState
  readonly lastTermination?: ContainerTermination
}

export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message: string }
  | { readonly kind: 'running'; readonly startedAt: string }
  | ({ readonly kind: 'terminated' } & ContainerTermination)

export interface ContainerTermination {
  readonly exitCode: number
  readonly signal?: number
  readonly reason: string
  readonly message: string
  readonly startedAt?: string
  readonly finishedAt?: string
  readonly containerId?: string
}

export interface ObservedPod {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly phase: string
  readonly reason?: string
  readonly message?: string
  readonly nodeName?: string
  readonly createdAt: string
  readonly ready: boolean
  readonly deleting: boolean
  readonly labels: Readonly<Record<string, string>>
  /** The controller: a ReplicaSet (with the Deployment's pod-template-hash label), StatefulSet, DaemonSet or Job. */
  readonly owner?: { readonly kind: string; readonly name: string; readonly uid: string }
  /** The annotation `kubectl.kubernetes.io/default-container`. */
  readonly defaultContainer?: string
  /** The scheduler's words where PodScheduled is False. */
  readonly unschedulable?: string
  readonly restartPolicy?: 'Always' | 'OnFailure' | 'Never'
  /** Numbers of its named ports. */
  readonly ports?: Readonly<Record<string, number>>
  /** At which it has to answer to be Ready. */
  readonly probedPorts?: readonly number[]
  /** What it has to pass to be Ready, as far as anybody can ask that; of a pod that is not. */
  readonly probes?: readonly NetworkProbe[]
  /** It passed them, and the kubelet has not seen it yet. */
  readonly answers?: boolean
  readonly containers: readonly ObservedContainer[]
}

/** An Event object that may explain why pods are missing or not ready. */
export interface ObservedEvent {
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly count: number
  readonly lastSeen: string
  readonly involved: {
    readonly kind: string
    readonly namespace: string
    readonly name: string
    readonly uid: string
  }
}

/** A ReplicaSet, which ties the pods of a Deployment to its revisions. */
export interface ObservedReplicaSet {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly ownerUid: string
  readonly revision: number
  readonly podTemplateHash: string
  readonly replicas: number
  readonly images: Readonly<Record<string, string>>
}

export type Observation =
  | { readonly type: 'workload'; readonly workload: ObservedWorkload }
  | {
      readonly type: 'workload-gone'
      readonly key: string
      readonly uid: string
      /** A Job that had neither succeeded nor failed when it went. Absent also where nobody saw it go. */
      readonly unfinished?: boolean
    }
  | { readonly type: 'pod'; readonly pod: ObservedPod }
  /** A pod that is not Ready yet passed its own probes. */
  | { readonly type: 'pod-answers'; readonly uid: string }
  | { readonly type: 'pod-gone'; readonly uid: string; readonly namespace: string; readonly name: string }
  | { readonly type: 'replica-set'; readonly replicaSet: ObservedReplicaSet }
  | { readonly type: 'replica-set-gone'; readonly uid: string }
  | { readonly type: 'event'; readonly event: ObservedEvent }
  /** The connection was lost or came back; what was seen stays valid until then. */
  | { readonly type: 'connection'; readonly up: boolean; readonly message: string }
  /** Every kind was listed once; from here on the stream is changes. */
  | { readonly type: 'synced'; readonly namespace: string }
