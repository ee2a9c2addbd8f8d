import type { EndpointCheck } from './checks/endpoint-check.js'
import type { Switched } from './desired.js'
import type { DeployStage } from './hooks/hook-state.js'
import type { DebugRuntime } from './manifest/with-debugger.js'
import type { ImageProgram } from './sync/supervise.js'
import type { DueSync } from './sync/sync-due.js'

/** What the planner asks to be done. Data; `engine/effects` does it. `run` tells one doing from the next. */
export type Effect =
  | { readonly type: 'connect'; readonly run: number }
  | { readonly type: 'render'; readonly run: number }
  | {
      readonly type: 'scan'
      readonly run: number
      readonly service: string
      readonly changed: readonly string[] | 'all'
    }
  | {
      readonly type: 'build'
      readonly run: number
      readonly service: string
      readonly fingerprint: string
      readonly digest: string
      readonly buildArgs: Readonly<Record<string, string>>
      readonly required: Readonly<Record<string, string>>
      readonly save: number
      /** Builds even where an image of the fingerprint is known. */
      readonly rebuild: boolean
    }
  /** Runs a before-build hook. `times`: how often it came to its end for this save. */
  | {
      readonly type: 'hook'
      readonly run: number
      readonly service: string
      readonly hook: string
      readonly key: string
      readonly save: number
      readonly times: number
    }
  /** Runs the deploy hooks of a service, or of the project. */
  | {
      readonly type: 'stage'
      readonly run: number
      readonly stage: DeployStage
      readonly service: string | undefined
      readonly token: string
    }
  | { readonly type: 'probe-engine'; readonly run: number }
  /**
   * `optional`: an image of the manifests; one that the local engine does not have is left to the nodes. `isNew`: built a moment ago, so that no node has it.
   */
  | {
      readonly type: 'load'
      readonly run: number
      readonly image: string
      readonly optional: boolean
      readonly isNew: boolean
    }
  | {
      readonly type: 'apply'
      readonly run: number
      readonly key: string
      readonly version: string
      readonly images: ReadonlyMap<string, string>
      readonly programs: ReadonlyMap<string, ImageProgram>
      readonly debug: ReadonlyMap<string, DebugRuntime>
      readonly save: number
      readonly scaledToZero: boolean
      readonly switched: Switched
      readonly redeploys: number
      /** Takes back what somebody changed by hand in the manifest's fields. */
      readonly takeBack: boolean
      /** Also an object that is not there for having done its work. */
      readonly again: boolean
    }
  /** Asks an endpoint of `dependsOn`, as pods of the namespace would. */
  | {
      readonly type: 'check'
      readonly run: number
      readonly id: string
      readonly check: EndpointCheck
      readonly namespace: string
    }
  /** Puts files into running containers. */
  | ({ readonly type: 'sync'; readonly run: number; readonly service: string } & DueSync)
  /** Looks which objects of ours the manifests do not have. */
  | { readonly type: 'find-dropped'; readonly run: number }
  /** Takes away what the manifests no longer have. `volumes`: claims and their namespaces too. */
  | {
      readonly type: 'prune'
      readonly run: number
      readonly keys: readonly string[]
      readonly volumes: boolean
    }
  /** Deletes a chart's hook that did its work. */
  | { readonly type: 'clear-hook'; readonly run: number; readonly key: string; readonly uid: string }
  /** Replaces the pods of a workload. */
  | { readonly type: 'restart'; readonly run: number; readonly key: string }
  | {
      readonly type: 'read-last-lines'
      readonly run: number
      readonly crash: string
      readonly namespace: string
      readonly pod: string
      readonly podUid: string
      readonly container: string
      readonly previous: boolean
    }
