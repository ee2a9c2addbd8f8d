import type { Hold } from './hold.js'
import type { HostName } from './hosts/hosts-report.js'
import type { LogOrigin } from './logs/log-line.js'
import type { Problem } from './problem.js'

/**
 * What a session tells people and programs: the lines of `--plain` and the objects of `--json`, one a line. Version 1: fields may be added,
 * none changes its meaning. Times are milliseconds since the epoch, durations milliseconds.
 */
export type Announcement =
  /** The session began. */
  | {
      readonly type: 'session'
      readonly project: string
      readonly services: readonly string[]
      readonly mode: 'up' | 'once' | 'build'
    }
  /** Something a person should know once. */
  | { readonly type: 'notice'; readonly service?: string; readonly message: string }
  /** Content of files changed: a new save. */
  | {
      readonly type: 'save'
      readonly save: number
      readonly service: string
      readonly files: readonly string[]
    }
  /** A service entered a phase of its way to live, or one that somebody asked for in place of it. `hold` says what it waits for. */
  | {
      readonly type: 'phase'
      readonly service: string
      readonly save: number
      readonly phase:
        | 'reading'
        | 'waiting'
        | 'building'
        | 'loading'
        | 'deploying'
        | 'rolling'
        | 'syncing'
        | 'scaled-to-zero'
        | 'rolled-back'
      readonly message?: string
      readonly hold?: Hold
    }
  /** One line of a build's output. */
  | { readonly type: 'build-output'; readonly service: string; readonly line: string }
  /** An image is in the local engine. */
  | {
      readonly type: 'built'
      readonly service: string
      readonly save: number
      readonly reference: string
      readonly cached: boolean
      readonly duration?: number
    }
  /** Files of a save are in the running containers; what the rules want after that is done. */
  | {
      readonly type: 'synced'
      readonly service: string
      readonly save: number
      readonly files: number
      readonly bytes: number
      readonly containers: number
      readonly restarted: boolean
      readonly duration: number
    }
  /** One line of a command that a sync runs in a container. */
  | { readonly type: 'sync-output'; readonly service: string; readonly pod: string; readonly line: string }
  /** The image of a service, or one that the manifests name, is on every node. */
  | {
      readonly type: 'loaded'
      readonly image: string
      readonly method: string
      readonly sentBytes: number
      readonly sentLayers: number
      readonly totalLayers: number
    }
  /** Bytes sent so far of a long load. */
  | {
      readonly type: 'load-progress'
      readonly image: string
      readonly sentBytes: number
      readonly totalBytes?: number
    }
  | {
      readonly type: 'cluster'
      readonly context: string
      readonly state: 'connecting' | 'connected' | 'lost'
      readonly message?: string
      readonly version?: string
    }
  /** The manifests were read. */
  | { readonly type: 'rendered'; readonly objects: number; readonly save: number }
  /** An object was applied; nothing is said of those that were as they should be. */
  | {
      readonly type: 'applied'
      readonly object: string
      readonly outcome: 'created' | 'configured' | 'recreated'
      readonly save: number
    }
  /**
   * Objects of ours that the manifests no longer have. `delete`: they go by themselves; `ask`: once somebody says so; `keep`: not at all. `restores`: it was
   * there before, and gets back what we changed.
   */
  | {
      readonly type: 'dropped'
      readonly objects: readonly {
        readonly object: string
        readonly action: 'delete' | 'ask' | 'keep'
        readonly restores: boolean
      }[]
      readonly hint: string
    }
  /** A dropped object is gone, or is as it was before. */
  | { readonly type: 'pruned'; readonly object: string; readonly outcome: 'deleted' | 'restored' }
  /** A workload that no service of ours builds became ready. */
  | { readonly type: 'ready'; readonly object: string }
  /** The last save of a service is what runs. `duration` counts from the save; `stages` says where the time went. */
  | {
      readonly type: 'live'
      readonly service: string
      readonly save: number
      readonly duration: number
      readonly stages: Readonly<Record<string, number>>
    }
  /** A new pod passes its probes, before Kubernetes has seen that it is ready: gateway and forwards lead to it. `duration` counts from the save. */
  | {
      readonly type: 'answers'
      readonly service: string
      readonly save: number
      readonly pod: string
      readonly duration: number
    }
  /** Something is wrong. The same problem is told once, until it is solved or changes. */
  | {
      readonly type: 'problem'
      readonly service?: string
      readonly object?: string
      readonly final: boolean
      readonly problem: Problem
    }
  | { readonly type: 'solved'; readonly service?: string; readonly object?: string; readonly title: string }
  | { readonly type: 'config'; readonly state: 'reloaded' }
  /** Names that a browser here does not find as it should, told once until that changes, and names that it finds now. */
  | {
      readonly type: 'hosts'
      /** The hosts file of this system. */
      readonly file: string
      readonly names: readonly HostName[]
      readonly notes: readonly string[]
    }
  /** The gateway on this machine serves the routes at these addresses; again where they changed. */
  | { readonly type: 'gateway'; readonly port: number; readonly addresses: readonly string[] }
  /** A port on this machine leads to pods; again where its address changed. */
  | {
      readonly type: 'forward'
      /** `service/tour-srv:3000`. */
      readonly target: string
      readonly namespace: string
      /** The service whose pods it leads to, where it is one of the project's. */
      readonly service?: string
      /** `127.0.0.1:3001`. */
      readonly address: string
    }
  /** One line of a container. */
  | ({
      readonly type: 'log'
      /** As the container's runtime wrote it, RFC 3339 with nanoseconds. */
      readonly time: string
      readonly text: string
      /** The config's `logs.ignore` names it: kept, but not shown. */
      readonly ignored?: true
    } & LogOrigin)
  /** The cluster no longer has the lines between two. */
  | ({ readonly type: 'log-gap'; readonly message: string } & LogOrigin)
  /** What happened before the next line: the container was restarted, or the pod is the first of a new image. */
  | ({ readonly type: 'log-mark'; readonly message: string } & LogOrigin)
  /** The session ended. */
  | { readonly type: 'end'; readonly exitCode: number; readonly outcome: 'succeeded' | 'failed' | 'stopped' }
