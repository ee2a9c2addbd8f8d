import type { ObjectRef } from '../kube-object.js'
import type { Problem } from '../problem.js'

/** An object that the journal says is ours, or was written to by us, and that the manifests do not have. */
export interface DroppedObject {
  /** `refKey` of `ref`. */
  readonly key: string
  readonly ref: ObjectRef
  /** `created` by us: it is deleted. `adopted`: it was there before, and the fields that we set are put back. */
  readonly origin: 'created' | 'adopted'
  /** What others may live in, or data: goes only when it is asked for expressly. */
  readonly isGuarded: boolean
}

/**
 *   (a reading) ──► due ──► looking ──► missing ──(a later reading agrees)──► dropped ──(asked for, or `auto`)──► running ──► gone
 */
export interface PruneState {
  /** The manifests were read: they are to be held against the journal. */
  readonly due: boolean
  /** The run of the look that is under way. */
  readonly looking: number | undefined
  /** What the last look found, and the time from which on every look found it, in milliseconds since the epoch. */
  readonly missing: readonly (DroppedObject & { readonly since: number })[]
  /** Of these, what is not just missing for the moment: a second reading of the files after a quiet time has not found it either. */
  readonly dropped: readonly DroppedObject[]
  /** Keys that somebody asked to go. */
  readonly confirmed: readonly string[]
  readonly running: { readonly run: number; readonly keys: readonly string[] } | undefined
  /** Keys that were to go and stayed; they are tried again when somebody asks. */
  readonly stayed: readonly string[]
  /** What the last attempt failed with. */
  readonly problems: readonly Problem[]
}

export const nothingPruned: PruneState = {
  due: false,
  looking: undefined,
  missing: [],
  dropped: [],
  confirmed: [],
  running: undefined,
  stayed: [],
  problems: [],
}

/**
 * Milliseconds that an object must be missing before the files are read again to see whether it is still: a branch switch and an editor that writes
 * a file anew take less.
 */
export const PRUNE_QUIET = 3000
