import type { ForwardState } from './forwards/forward-state.js'
import type { DeployStage, HookReading, HookRecord } from './hooks/hook-state.js'
import type { HostsReport } from './hosts/hosts-report.js'
import type { Intent } from './intent.js'
import type { LinkedManifests } from './manifest/link.js'
import type { RenderInputs } from './manifest/render-inputs.js'
import type { Override } from './overrides/overrides.js'
import type { Diagnostic, Problem } from './problem.js'
import type { Project } from './project.js'
import type { DroppedObject } from './prune/prune-state.js'
import type { Observation } from './rollout-observation.js'
import type { GatewayState } from './routes/gateway-state.js'
import type { ImageProgram } from './sync/supervise.js'
import type { TimingReport } from './timings/timing-report.js'

/**
 * Everything that can happen in a session. Past tense, plain JSON, one line of purpose each: this file is the product's table of contents.
 * The store stamps each event with the time at which it was dispatched.
 */
export type Event =
  | ConfigEvent
  | FileEvent
  | SourceEvent
  | ChartHookEvent
  | BuildEvent
  | LoadEvent
  | RenderEvent
  | ClusterEvent
  | ApplyEvent
  | HookEvent
  | PruneEvent
  | RestartEvent
  | SyncEvent
  | CheckEvent
  | RolloutEvent
  | IntentEvent
  | OverridesEvent
  | HostsEvent
  | GatewayEvent
  | ForwardsEvent
  | TimingsEvent
  | SessionEvent

export type StampedEvent = Event & {
  /** Milliseconds since the epoch. */
  readonly at: number
}

export type ConfigEvent =
  /** The config file changed on disk and is valid. */
  | { readonly type: 'config-reloaded'; readonly project: Project; readonly warnings: readonly Diagnostic[] }
  /** The config file changed on disk and cannot be used; the one before stays in force. */
  | { readonly type: 'config-rejected'; readonly problem: Problem }

export type FileEvent =
  /** Files changed on disk and were found to concern something; other files never get this far. */
  | {
      readonly type: 'files-changed'
      /** Milliseconds since the epoch of the first change. */
      readonly firstAt: number
      /** Absolute paths by the service whose inputs they may be. */
      readonly services: Readonly<Record<string, readonly string[]>>
      /** Absolute paths that manifests are read from. */
      readonly manifests: readonly string[]
    }
  /** The watch broke (`problem`) or works again (none). */
  | { readonly type: 'watch-changed'; readonly problem?: Problem }

export type SourceEvent =
  | { readonly type: 'scan-started'; readonly run: number; readonly service: string }
  /** The service's inputs were read. `bases` are the engine's ids of the external images that the Dockerfile names; an absent one is ''. */
  | {
      readonly type: 'scan-finished'
      readonly run: number
      readonly service: string
      readonly digest: string
      readonly changed: readonly string[]
      /** Changed inputs that are no files of the context, and changed paths that were of another kind before. */
      readonly outside?: readonly string[]
      readonly retyped?: readonly string[]
      /** Changed inputs that are no files of the context, nor told under `changed`, relative to it: what hooks read, the ignore file, `watch.extra`. */
      readonly elsewhere?: readonly string[]
      readonly bytes: number
      readonly files: number
      readonly bases: Readonly<Record<string, string>>
      /** By id, of the service's before-build hooks. */
      readonly hooks?: Readonly<Record<string, HookReading>>
    }
  | {
      readonly type: 'scan-failed'
      readonly run: number
      readonly service: string
      readonly problem: Problem
    }

export type HookEvent =
  /** A before-build hook of a service runs, for the inputs of `key`. */
  | {
      readonly type: 'hook-started'
      readonly run: number
      readonly service: string
      readonly hook: string
      readonly key: string
    }
  | ({
      readonly type: 'hook-finished'
      readonly run: number
      readonly service: string
      readonly hook: string
    } & HookRecord)
  /** Failed, or ended because it was superseded (`cancelled`). */
  | {
      readonly type: 'hook-failed'
      readonly run: number
      readonly service: string
      readonly hook: string
      readonly problem: Problem
    }
  /** The deploy hooks of a service, or of the project, run for what `token` names. */
  | {
      readonly type: 'stage-started'
      readonly run: number
      readonly stage: DeployStage
      readonly service: string | undefined
      readonly token: string
    }
  | {
      readonly type: 'stage-finished'
      readonly run: number
      readonly stage: DeployStage
      readonly service: string | undefined
    }
  | {
      readonly type: 'stage-failed'
      readonly run: number
      readonly stage: DeployStage
      readonly service: string | undefined
      readonly problem: Problem
    }

export type BuildEvent =
  | {
      readonly type: 'build-started'
      readonly run: number
      readonly service: string
      readonly fingerprint: string
      /** Of the files that it is built of. */
      readonly digest?: string
      readonly save: number
      /** Whether it answers an intent to build again. */
      readonly rebuild: boolean
    }
  /** What the build is doing now, for the screen. */
  | {
      readonly type: 'build-progressed'
      readonly run: number
      readonly service: string
      readonly step: string
    }
  /** A newer save made the running build, or the hook before it, useless; it holds its slot until it has stopped. */
  | { readonly type: 'build-superseded'; readonly run: number; readonly service: string }
  /** The image is in the engine under its reference. `cached`: it was there from an earlier build of the same inputs. */
  | {
      readonly type: 'build-finished'
      readonly run: number
      readonly service: string
      readonly fingerprint: string
      readonly imageId: string
      readonly reference: string
      readonly cached: boolean
      /** Bytes of the image, uncompressed. */
      readonly bytes: number
      /** Where pulled bases have other ids than before the build. */
      readonly bases: Readonly<Record<string, string>>
      /** What it runs; only of services whose process a sync starts anew. */
      readonly program?: ImageProgram
    }
  /** Failed, or ended because it was superseded (`cancelled`). */
  | {
      readonly type: 'build-failed'
      readonly run: number
      readonly service: string
      readonly problem: Problem
    }
  /** The Docker engine answers again after it did not. */
  | { readonly type: 'engine-recovered'; readonly run: number }
  | { readonly type: 'engine-probe-started'; readonly run: number }
  | { readonly type: 'engine-probe-failed'; readonly run: number; readonly problem: Problem }

export type LoadEvent =
  /** It has made no progress for `STALLED_LOAD`. */
  | { readonly type: 'load-stalled'; readonly run: number; readonly image: string }
  /** Nothing wants the image any more, and it makes no progress: it is being ended. */
  | { readonly type: 'load-superseded'; readonly run: number; readonly image: string }
  | { readonly type: 'load-started'; readonly run: number; readonly image: string }
  | {
      readonly type: 'load-progressed'
      readonly run: number
      readonly image: string
      readonly sentBytes: number
      readonly totalBytes?: number
    }
  /** Every node has the image; pods refer to it as `podReference`. */
  | {
      readonly type: 'load-finished'
      readonly run: number
      readonly image: string
      readonly podReference: string
      readonly method: string
      readonly sentBytes: number
      readonly sentLayers: number
      readonly totalLayers: number
    }
  /** An image of the manifests that the local engine does not have: the nodes pull it themselves. */
  | { readonly type: 'load-skipped'; readonly run: number; readonly image: string }
  | { readonly type: 'load-failed'; readonly run: number; readonly image: string; readonly problem: Problem }

export type RenderEvent =
  | { readonly type: 'render-started'; readonly run: number }
  | {
      readonly type: 'render-finished'
      readonly run: number
      readonly manifests: LinkedManifests
      readonly inputs: RenderInputs
    }
  | {
      readonly type: 'render-failed'
      readonly run: number
      readonly problem: Problem
      /** Absent where the reading did not get as far as to know them. */
      readonly inputs?: RenderInputs
    }

export type ClusterEvent =
  | { readonly type: 'connect-started'; readonly run: number }
  /** What the connection waits for, such as the making of the cluster. */
  | { readonly type: 'connect-progressed'; readonly run: number; readonly message: string }
  | {
      readonly type: 'cluster-connected'
      readonly run: number
      readonly context: string
      readonly uid: string
      readonly version: string
      readonly created: boolean
      /** Kinds by `apiVersion/Kind`: whether they live in a namespace. */
      readonly scopes: Readonly<Record<string, boolean>>
    }
  | { readonly type: 'connect-failed'; readonly run: number; readonly problem: Problem }
  /** The observer lost the API server, or has it again. */
  | { readonly type: 'connection-changed'; readonly up: boolean; readonly message: string }
  /** What objects were not applied for the want of is there, or has changed: a StorageClass, or a CustomResourceDefinition by its name `PLURAL.GROUP`. */
  | { readonly type: 'prerequisite-seen'; readonly kind: PrerequisiteKind; readonly name: string }
  | { readonly type: 'observed'; readonly observations: readonly Observation[] }

/** Kinds that are watched for while something waits for one of them. */
export type PrerequisiteKind = 'StorageClass' | 'CustomResourceDefinition'

export type ApplyEvent =
  /** It took as long as `SLOW_APPLY` by now. */
  | { readonly type: 'apply-slowed'; readonly run: number; readonly key: string }
  /** A newer version has overtaken a slow one, which is being ended. */
  | { readonly type: 'apply-superseded'; readonly run: number; readonly key: string }
  | {
      readonly type: 'apply-started'
      readonly run: number
      readonly key: string
      readonly version: string
      readonly save: number
      readonly redeploys: number
    }
  | {
      readonly type: 'apply-finished'
      readonly run: number
      readonly key: string
      readonly version: string
      readonly outcome: 'unchanged' | 'created' | 'configured' | 'recreated'
      readonly uid: string
      readonly generation: number
      readonly notices: readonly string[]
    }
  | {
      readonly type: 'apply-failed'
      readonly run: number
      readonly key: string
      readonly version: string
      /** `cancelled` where it was superseded. */
      readonly problem: Problem
    }

/** A chart wants its hook deleted once it did its work. */
export type ChartHookEvent =
  | { readonly type: 'hook-clear-started'; readonly run: number; readonly key: string }
  /** It was asked to go, or stays for a reason that is nobody's concern. */
  | { readonly type: 'hook-cleared'; readonly run: number; readonly key: string }

/** What the manifests no longer have, and its end. */
export type PruneEvent =
  | { readonly type: 'dropped-look-started'; readonly run: number }
  /** Objects of ours that are in the cluster and not in the manifests. `isBusy`: somebody is in the middle of changing the files. */
  | {
      readonly type: 'dropped-found'
      readonly run: number
      readonly objects: readonly DroppedObject[]
      readonly isBusy: boolean
    }
  | { readonly type: 'dropped-look-failed'; readonly run: number }
  /** A person wants these to go. */
  | { readonly type: 'prune-confirmed'; readonly keys: readonly string[] }
  | { readonly type: 'prune-started'; readonly run: number; readonly keys: readonly string[] }
  | {
      readonly type: 'prune-finished'
      readonly run: number
      readonly gone: readonly {
        readonly key: string
        readonly object: string
        readonly outcome: 'deleted' | 'restored'
      }[]
      readonly stayed: readonly { readonly object: string; readonly why: string }[]
      readonly problems: readonly Problem[]
    }

export type RestartEvent =
  | { readonly type: 'restart-started'; readonly run: number; readonly key: string }
  /** The pod template is marked: the workload's controller replaces the pods from here on. */
  | {
      readonly type: 'restart-finished'
      readonly run: number
      readonly key: string
      readonly uid: string
      readonly generation: number
    }
  | { readonly type: 'restart-failed'; readonly run: number; readonly key: string; readonly problem: Problem }

/** An endpoint of `dependsOn` is asked whether it is there. */
export type CheckEvent =
  | { readonly type: 'check-started'; readonly run: number; readonly id: string }
  | { readonly type: 'check-passed'; readonly run: number; readonly id: string }
  | {
      readonly type: 'check-failed'
      readonly run: number
      readonly id: string
      readonly message: string
      /** Seconds that it is waited for in all. */
      readonly timeout: number
    }

export type SyncEvent =
  | {
      readonly type: 'sync-started'
      readonly run: number
      readonly service: string
      readonly save: number
      /** Processes are started anew after the files. */
      readonly restart: boolean
    }
  /** The files are in the containers, and what the rules want after that is done. */
  | {
      readonly type: 'sync-finished'
      readonly run: number
      readonly service: string
      readonly save: number
      readonly files: number
      readonly bytes: number
      readonly restarted: boolean
      /** Ids of the containers that have them. */
      readonly containers: readonly string[]
      /** Ids of those that ended meanwhile. */
      readonly gone: readonly string[]
      /** A command after it failed. */
      readonly problem?: Problem
    }
  /** A container did not take them: an image is made. */
  | {
      readonly type: 'sync-refused'
      readonly run: number
      readonly service: string
      readonly save: number
      readonly message: string
    }
  /** It was ended, and nothing is known of what it did. */
  | { readonly type: 'sync-cancelled'; readonly run: number; readonly service: string }
  /** Containers to which an earlier session wrote files: what they have is not what their image has. */
  | { readonly type: 'earlier-syncs-read'; readonly containers: readonly string[] }

export type RolloutEvent =
  /** The last lines of a container that ended, for the problem that is shown. */
  | { readonly type: 'last-lines-started'; readonly run: number; readonly crash: string }
  | {
      readonly type: 'last-lines-read'
      readonly run: number
      readonly crash: string
      readonly lines: readonly string[]
    }
  /** A workload had its whole time to become ready. */
  | { readonly type: 'rollout-deadline-passed'; readonly key: string; readonly version: string }

/** A person asked for something; `core/answer-intent.ts` says what comes of it. */
export type IntentEvent = { readonly type: 'intent-given'; readonly intent: Intent }

/** What people had asked for in an earlier session. */
export type OverridesEvent = { readonly type: 'overrides-read'; readonly overrides: readonly Override[] }

export type HostsEvent =
  /** The names that the manifests and the config want were looked up on this machine. */
  { readonly type: 'hosts-checked'; readonly report: HostsReport }

/** The gateway on this machine serves, at other addresses than before, or cannot. */
export type GatewayEvent = { readonly type: 'gateway-changed'; readonly gateway: GatewayState }

/** What saves took, and what would help, is otherwise than was known. */
export type TimingsEvent = { readonly type: 'timings-reported'; readonly reports: readonly TimingReport[] }

/** What listens on this machine for pods, or cannot. */
export type ForwardsEvent = { readonly type: 'forwards-changed'; readonly forwards: readonly ForwardState[] }

export type SessionEvent =
  /** Ctrl-C or the end of `--once`: nothing new is started. */
  | { readonly type: 'stop-requested' }
  /** A retry that waited for its time is due. */
  | {
      readonly type: 'retry-due'
      readonly what: 'connect' | 'engine' | 'apply' | 'load' | 'check' | 'prune' | 'judge' | 'look'
    }
  /** An effect threw: a defect in devloop. */
  | { readonly type: 'effect-crashed'; readonly run: number; readonly problem: Problem }
