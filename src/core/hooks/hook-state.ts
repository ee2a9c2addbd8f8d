import type { Problem } from '../problem.js'
import type { HookStage } from './hook-spec.js'

/** Digests of what a hook reads and of what it wrote. */
export interface HookRecord {
  /** Of its inputs and its command. */
  readonly key: string
  /** Of its outputs; '' where it names none. */
  readonly outputs: string
}

/** What a reading found of a before-build hook. */
export interface HookReading extends HookRecord {
  /** As its last success left it, of this session or an earlier one. */
  readonly last: HookRecord | undefined
}

/** The before-build hooks of a service. */
export interface PrepareState {
  /** By hook id, as of the last reading of the service's files. */
  readonly readings: Readonly<Record<string, HookReading>>
  readonly running:
    | {
        readonly run: number
        readonly hook: string
        readonly key: string
        readonly startedAt: number
        readonly superseded: boolean
      }
    | undefined
  readonly failed:
    | { readonly hook: string; readonly key: string; readonly save: number; readonly problem: Problem }
    | undefined
  /** How often a hook came to its end for one save. */
  readonly ran: Readonly<
    Record<string, { readonly save: number; readonly times: number; readonly took: number }>
  >
  /** Keys of hooks that change their own inputs each time: taken as they are. */
  readonly accepted: Readonly<Record<string, string>>
}

export const unprepared: PrepareState = {
  readings: {},
  running: undefined,
  failed: undefined,
  ran: {},
  accepted: {},
}

/** The hooks of a stage that is no part of a build, sync or render; `token` names what they run for. */
export type StageState = { readonly token: string; readonly everDone: boolean } & (
  | { readonly kind: 'running'; readonly run: number; readonly startedAt: number }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly problem: Problem }
)

export type DeployStage = Extract<HookStage, 'beforeDeploy' | 'afterDeploy'>

/** The key of a stage in `State.stages`. */
export function stageKey(stage: DeployStage, service: string | undefined): string {
  return `${service ?? ''}/${stage}`
}
