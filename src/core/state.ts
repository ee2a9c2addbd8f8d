import type { CheckState } from './checks/check-state.js'
import type { ForwardState } from './forwards/forward-state.js'
import type { PrepareState, StageState } from './hooks/hook-state.js'
import type { HostsReport } from './hosts/hosts-report.js'
import type { LinkedManifests, LinkedObject } from './manifest/link.js'
import type { RenderInputs } from './manifest/render-inputs.js'
import type { DebugRuntime } from './manifest/with-debugger.js'
import type { Switch } from './overrides/switch.js'
import type { Diagnostic, Problem } from './problem.js'
import type { Project } from './project.js'
import type { PruneState } from './prune/prune-state.js'
import type { RolloutStatus } from './rollout/rollout-status.js'
import type {
  ObservedEvent,
  ObservedPod,
  ObservedReplicaSet,
  ObservedWorkload,
} from './rollout-observation.js'
import type { GatewayState } from './routes/gateway-state.js'
import type { ImageProgram } from './sync/supervise.js'
import type { SyncState } from './sync/sync-state.js'
import type { TimingReport } from './timings/timing-report.js'

/** All that a session knows. Immutable; changed by `reduce` alone. Times are milliseconds since the epoch. */
export interface State {
  readonly project: Project
  readonly mode: Mode
  /** The last edit of the config that could not be used. */
  readonly configProblem: Problem | undefined
  readonly watchProblem: Problem | undefined
  /** The number of the last save; 0 is the tree as it was found. */
  readonly save: number
  /** The number that each batch of changes was given, by the time of its first change, for as long as a scan of it is under way. */
  readonly batches: readonly Batch[]
  readonly nextRun: number
  readonly engine: EngineState
  readonly cluster: ClusterState
  readonly render: RenderState
  readonly services: Readonly<Record<string, ServiceState>>
  /** Images on their way to the nodes, by local reference: built ones, and those that the manifests name and the local engine has. */
  readonly loads: Readonly<Record<string, LoadState>>
  readonly objects: Readonly<Record<string, ObjectState>>
  readonly prune: PruneState
  /** Services that were switched to another version, by their key. */
  readonly switches?: Readonly<Record<string, Switch>>
  readonly observed: Observed
  /** Endpoints of `dependsOn`, by `checkId`; those that were never asked are absent. */
  readonly checks: Readonly<Record<string, CheckState>>
  /** Deploy hooks, by `stageKey`; those that never ran are absent. */
  readonly stages?: Readonly<Record<string, StageState>>
  /** How the names that the services are reached by resolve on this machine; undefined until they were looked up. */
  readonly hosts: HostsReport | undefined
  /** What the saves of each service took, of this session and earlier ones, and what would help. */
  readonly timings: Readonly<Record<string, TimingReport>>
  /** Undefined until it serves or cannot. */
  readonly gateway: GatewayState | undefined
  /** In the order of the config. */
  readonly forwards: readonly ForwardState[]
  /** Last lines of crashed containers, by `crashKey`. */
  readonly crashes: Readonly<
    Record<string, { readonly run: number | undefined; readonly lines: readonly string[] | undefined }>
  >
  /** Containers to which an earlier session wrote files, by id: whether they are still to be replaced. */
  readonly syncedBefore?: Readonly<Record<string, boolean>>
  /** Defects of devloop itself that came up. */
  readonly bugs: readonly Problem[]
  readonly stopping: boolean
}

/** What this session is for. */
export interface Mode {
  /** End when everything is live or has failed for good. */
  readonly once: boolean
  /** `reuse`: only images that were built before. */
  readonly build: 'yes' | 'reuse'
  /** Without deploying, nothing touches a cluster. */
  readonly deploy: boolean
  /** The services that were asked for by name; undefined for all. */
  readonly only: readonly string[] | undefined
  /** What the manifests no longer have goes, whatever the config says; `all`: namespaces, claims and definitions too. */
  readonly prune?: 'asked' | 'all'
  /** Whether it ends when all is live (also where absent), or when all is applied. */
  readonly wait?: boolean
}

export interface Batch {
  readonly firstAt: number
  readonly save: number | undefined
}

/** The Docker engine is taken to be there until something fails for its absence; then it is asked, at growing intervals, until it answers. */
export type EngineState =
  | { readonly kind: 'assumed' }
  | {
      readonly kind: 'unreachable'
      readonly problem: Problem
      readonly attempts: number
      readonly probing: number | undefined
      readonly due: boolean
    }

/**
 *  absent ──► connecting ──► connected ◄──► (connection lost: `link`)
 *                │  ▲             │ another cluster answers under the name
 *          failed┘  └─ due ───────┘
 */
export type ClusterState =
  | {
      readonly kind: 'absent'
      readonly problem: Problem | undefined
      readonly attempts: number
      readonly due: boolean
      /** What was connected before. */
      readonly known: ConnectedCluster | undefined
    }
  | {
      readonly kind: 'connecting'
      readonly run: number
      readonly message: string | undefined
      readonly attempts: number
      readonly known: ConnectedCluster | undefined
    }
  | ({ readonly kind: 'connected' } & ConnectedCluster)

export interface ConnectedCluster {
  readonly context: string
  readonly uid: string
  readonly version: string
  readonly created: boolean
  /** Kinds by `apiVersion/Kind`: whether they live in a namespace. */
  readonly scopes: Readonly<Record<string, boolean>>
  readonly link: { readonly up: boolean; readonly message: string }
  /** For the sake of which unseen applies the watches were connected anew last, see `unseenApplies`. */
  readonly looked?: string
}

export interface RenderState {
  /** Rendered again when true and no render runs. */
  readonly due: boolean
  readonly run: number | undefined
  readonly problem: Problem | undefined
  /** The last manifests that could be used. */
  readonly manifests: LinkedManifests | undefined
  readonly warnings: readonly Diagnostic[]
  /** Of the last reading, also of one that failed. */
  readonly inputs: RenderInputs
  /** Time of the first change that made the render due; undefined for the first render. */
  readonly firstAt: number | undefined
  /** The save that changed manifests last. */
  readonly save: number
}

/** A service's way from files to an image; what becomes of the image is in `State.loads` and `State.objects`. */
export interface ServiceState {
  readonly name: string
  readonly source: SourceState
  /** Changes not scanned yet. */
  readonly pending: PendingFiles | undefined
  readonly build: BuildState
  /** The last image that was built, even if newer inputs wait or failed. */
  readonly image: BuiltImage | undefined
  /** The newest image that every node has, under the reference that pods use. */
  readonly deployable: DeployableImage | undefined
  /** Images that were live in this session, each once, the last one last: what a rollback can go back to. */
  readonly lives: readonly DeployableImage[]
  readonly steering: Steering
  readonly ledger: Ledger
  /** Absent while there was no save since its image, and of services without `sync` rules. */
  readonly sync?: SyncState | undefined
  /** Absent of services without before-build hooks, and until their files were read once. */
  readonly prepare?: PrepareState
}

export interface PendingFiles {
  readonly paths: readonly string[] | 'all'
  readonly firstAt: number
  /** What a hook changed, if nothing else came: it belongs to the save that the hook ran for. */
  readonly afterHook?: true
}

/** What people asked of a service by intents, and what holds until they ask for something else. */
export interface Steering {
  /** Its image is to be built once more, whatever is known of its fingerprint. */
  readonly rebuild: boolean
  /** How often its objects were to be applied again. */
  readonly redeploys: number
  readonly paused: Paused | undefined
  readonly scaledToZero: boolean
  readonly rolledBack: RolledBack | undefined
  /** Its pods are made so that a debugger can stop them. */
  readonly debug?: DebugRuntime | undefined
}

export interface Paused {
  readonly since: number
  /** Batches of changed files, and saves of its manifests, that wait for the resume. */
  readonly saves: number
}

export interface RolledBack {
  /** What runs in place of `ServiceState.deployable`. */
  readonly image: DeployableImage
  /** What people call it: `save 3`, `revision 2`, or its tag where an earlier session went back to it. */
  readonly to: string
  /** The service's last save at that time: images of later ones are held. */
  readonly until: number
  /** What would run otherwise, until this session knows better. */
  readonly newest?: DeployableImage | undefined
}

/**
 *   unknown ──► scanning ──► known ──(files changed)──► scanning …
 *                   └──────► failed ──(files changed)──► scanning …
 */
export type SourceState =
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'scanning'
      readonly run: number
      readonly firstAt: number
      readonly startedAt: number
      readonly before: Inputs | undefined
      readonly afterHook?: true
    }
  | ({ readonly kind: 'known' } & Inputs)
  | { readonly kind: 'failed'; readonly problem: Problem; readonly before: Inputs | undefined }

export interface Inputs {
  readonly digest: string
  readonly bases: Readonly<Record<string, string>>
  readonly files: number
  readonly bytes: number
  /** Paths that made this save, relative to the context. */
  readonly changed: readonly string[]
  /** The save that brought these inputs. */
  readonly save: number
  readonly savedAt: number
  /** Keys of the hooks that have inputs of their own; absent where there are none. */
  readonly hooks?: string | undefined
}

/**
 *   idle ──► building ──► idle (image set)
 *              │  └─────► failed ──(other inputs)──► building …
 *              └ superseded ──(stopped)──► idle
 */
export type BuildState =
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'building'
      readonly run: number
      readonly fingerprint: string
      readonly save: number
      readonly startedAt: number
      readonly step: string | undefined
      readonly superseded: boolean
      /** Asked for by an intent: a known image was no answer to it. */
      readonly rebuild: boolean
      readonly digest?: string | undefined
    }
  | {
      readonly kind: 'failed'
      readonly fingerprint: string
      readonly save: number
      readonly problem: Problem
    }

export interface BuiltImage {
  readonly fingerprint: string
  readonly imageId: string
  readonly reference: string
  readonly save: number
  readonly bytes: number
  readonly cached: boolean
  /** Of the files that it was built of. */
  readonly digest?: string | undefined
  readonly program?: ImageProgram | undefined
}

export type LoadState =
  | {
      readonly kind: 'loading'
      readonly run: number
      readonly startedAt: number
      readonly sentBytes: number
      readonly totalBytes: number | undefined
      readonly attempts: number
      /** When it began or was last seen to go on. */
      readonly progressedAt: number
      /** It makes no progress, see `STALLED_LOAD`. */
      readonly stalled?: true
      readonly superseded?: true
      /** Brought again: a node had lost it. */
      readonly again?: true
    }
  /** `lost`: a pod did not find it on its node since, see `withLostImages`. */
  | { readonly kind: 'loaded'; readonly podReference: string; readonly lost?: true }
  /** The local engine does not have it. */
  | { readonly kind: 'not-local' }
  | { readonly kind: 'failed'; readonly problem: Problem; readonly attempts: number; readonly retry: boolean }

export interface DeployableImage {
  readonly podReference: string
  /** Its name in the local engine. */
  readonly reference: string
  readonly fingerprint: string
  readonly save: number
  readonly program?: ImageProgram | undefined
}

/** How long each step of a save took, in milliseconds. */
export interface Ledger {
  readonly save: number
  readonly savedAt: number
  readonly stages: Readonly<
    Partial<Record<'scan' | 'hooks' | 'sync' | 'build' | 'load' | 'apply' | 'rollout', number>>
  >
  readonly liveAt: number | undefined
  readonly liveSave: number | undefined
  /** Builds in a row that a newer save ended. */
  readonly supersededInARow: number
}

/** One object of the manifests, and what became of it. `version` names what is to be applied: content and images. */
export interface ObjectState {
  readonly linked: LinkedObject
  readonly apply: ApplyState
  readonly rollout: RolloutState | undefined
  readonly restart: RestartState
  /** A hook that did its work is being deleted, or was. Absent: neither, or not since it was applied. */
  readonly clearing?: 'under-way' | 'over' | undefined
  /** Somebody deleted it at its work: it is run although what it did may count as done. Absent: no. */
  readonly again?: true | undefined
}

/**
 *   none ──(intent)──► asked ──► restarting ──► none
 */
export type RestartState =
  | { readonly kind: 'none' }
  | { readonly kind: 'asked' }
  | { readonly kind: 'restarting'; readonly run: number; readonly startedAt: number }

export type ApplyState =
  | { readonly kind: 'pending' }
  | {
      readonly kind: 'applying'
      readonly run: number
      readonly version: string
      readonly save: number
      readonly redeploys: number
      readonly startedAt: number
      /** It takes so long that a newer version does not wait for it, see `SLOW_APPLY`. */
      readonly slow?: true
      /** It was ended for a newer version, which waits until it has. */
      readonly superseded?: true
      readonly attempts: number
      /** What the attempt before failed with, where this one tries the same again: it stands until this one is done. */
      readonly problem?: Problem
      readonly before: AppliedVersion | undefined
    }
  | ({ readonly kind: 'applied' } & AppliedVersion)
  | {
      readonly kind: 'failed'
      readonly version: string
      readonly problem: Problem
      readonly attempts: number
      readonly retry: boolean
      readonly before: AppliedVersion | undefined
    }

export interface AppliedVersion {
  readonly version: string
  readonly uid: string
  readonly generation: number
  readonly save: number
  /** `Steering.redeploys` of its services in all, as far as this apply answered them. */
  readonly redeploys: number
  readonly at: number
  readonly startedAt: number
  readonly outcome: 'unchanged' | 'created' | 'configured' | 'recreated'
}

export interface RolloutState {
  readonly status: RolloutStatus
  /** When this version was first seen done. */
  readonly doneAt: number | undefined
  /** Whether any version was done in this session: what `dependsOn` waits for. */
  readonly everDone: boolean
  readonly deadlinePassed: boolean
}

export interface Observed {
  readonly syncedNamespaces: readonly string[]
  readonly workloads: Readonly<Record<string, ObservedWorkload>>
  /** By UID. */
  readonly pods: Readonly<Record<string, ObservedPod>>
  readonly replicaSets: Readonly<Record<string, ObservedReplicaSet>>
  /** Warnings only, by UID of the object that they concern; the newest of each reason. */
  readonly events: Readonly<Record<string, readonly ObservedEvent[]>>
}
