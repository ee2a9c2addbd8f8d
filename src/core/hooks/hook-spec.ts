import type { PathPattern } from './path-pattern.js'

/** The moments at which hooks run. */
export type HookStage =
  | 'beforeRender'
  | 'afterRender'
  | 'beforeBuild'
  | 'afterBuild'
  | 'beforeSync'
  | 'afterSync'
  | 'beforeDeploy'
  | 'afterDeploy'

/** One command of `hooks`. */
export interface HookSpec {
  /** `tour.beforeBuild`, `tour.beforeBuild[1]`; `beforeRender` for one of the project. Tells one hook from another, also across sessions. */
  readonly id: string
  readonly stage: HookStage
  /** A line for the shell, or a program with its arguments. */
  readonly run: string | readonly string[]
  readonly place: HookPlace
  readonly env: Readonly<Record<string, string>>
  /** What it reads; undefined: what the image is made of, or the manifests. */
  readonly inputs: readonly PathPattern[] | undefined
  /** What it writes; undefined: the config does not say. */
  readonly outputs: readonly PathPattern[] | undefined
  readonly lock: string | undefined
  /** Seconds. */
  readonly timeout: number | undefined
}

export type HookPlace =
  | {
      readonly kind: 'host'
      /** Absolute path. */
      readonly cwd: string
    }
  | {
      readonly kind: 'container'
      /** `kind/name`; undefined for a workload of the service. */
      readonly workload: string | undefined
      /** Undefined for the service's own container, or the first of the workload. */
      readonly container: string | undefined
    }

/** The hooks of a service or of the project, in their order; a stage without any is absent. */
export type Hooks = Readonly<Partial<Record<HookStage, readonly HookSpec[]>>>

/** A hook's command as a person would type it. */
export function hookLine({ run }: Pick<HookSpec, 'run'>): string {
  return typeof run === 'string' ? run : run.join(' ')
}
