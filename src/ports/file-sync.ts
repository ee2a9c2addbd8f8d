import type { Cancelled, CommandFailed } from '../core/problem.js'
import type { Result } from '../core/result.js'
import type { ExecTarget } from './pod-exec.js'

/** One running container, by the runtime's id: a restart makes another. */
export interface SyncTarget extends ExecTarget {
  /** Without `containerd://`. */
  readonly containerId: string
  /** Name of the node that it runs on. */
  readonly node: string | undefined
}

/**
 * One entry to make or take away. `to` is an absolute path in the container. A file keeps the owner of the one that it replaces; a new one, and folders that
 * have to be made, get that of the nearest folder that is there.
 */
export type FileChange =
  /** `from`: a file on this machine, absolute. It replaces what was there in one step: no reader sees half of it. */
  | { readonly kind: 'file'; readonly to: string; readonly from: string; readonly mode: number }
  | { readonly kind: 'link'; readonly to: string; readonly target: string }
  | { readonly kind: 'folder'; readonly to: string }
  /** A folder goes only if nothing is left in it. What is not there is as it should be. */
  | { readonly kind: 'delete'; readonly to: string }

/** Nothing of this kind can be done in this container, or not with these files; `message` says why. */
export interface SyncRefused {
  readonly kind: 'sync-refused'
  readonly message: string
}

/** The container has ended. */
export interface ContainerGone {
  readonly kind: 'container-gone'
}

export type SyncProblem = SyncRefused | ContainerGone | Cancelled

export interface Written {
  /** Of file contents. */
  readonly bytes: number
  /** `node`: through the node's view of the container; `exec`: by a program in it. */
  readonly way: 'node' | 'exec'
}

export interface RestartOptions {
  /** TCP ports that the process listens on: the restart is over when it does so again. */
  readonly ports: readonly number[]
  /** Milliseconds that the old process has to end before it is killed. */
  readonly grace: number
  /** Milliseconds after which it is no longer waited for the ports. */
  readonly patience: number
  readonly signal: AbortSignal
}

/** Puts files into running containers. */
export interface ContainerFiles {
  /** Makes ready what writing into containers of a node takes: to do that takes as long as a sync. Nothing fails: who writes is told. */
  prepare?(node: string): Promise<void>
  /** All of the changes, in their order; deletions after the rest. A refusal may leave some of them done. */
  write(
    target: SyncTarget,
    changes: readonly FileChange[],
    signal: AbortSignal,
  ): Promise<Result<Written, SyncProblem>>
  /**
   * Starts the container's process anew, which has to run under the supervisor (`core/sync/supervise.ts`). Resolves when a new process runs and listens
   * on the ports again; `listens` is false where it did not in time. `container-gone`: the new process ended, and the container with it.
   */
  restart(
    target: SyncTarget,
    options: RestartOptions,
  ): Promise<Result<{ readonly listens: boolean }, SyncProblem>>
  /** Runs a command in the container to its end; `command-failed` where it does not end with 0. */
  run(
    target: SyncTarget,
    argv: readonly string[],
    options: { readonly onLine: (line: string) => void; readonly signal: AbortSignal },
  ): Promise<Result<void, CommandFailed | SyncProblem>>
  close(): Promise<void>
}
