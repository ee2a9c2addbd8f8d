import type { Problem } from '../problem.js'

/** What became of a service's saves since its image was built. */
export interface SyncState {
  /** Oldest first; empty only while there is no decision. */
  readonly saves: readonly SyncSave[]
  /** What is done with the last of them. */
  readonly decision: SyncDecision
  /** By container id, the last save whose files it has on top of its image. */
  readonly containers: Readonly<Record<string, number>>
  /** Containers that ended while files were written; they may be seen as running for a moment longer. */
  readonly gone: readonly string[]
  /** `restart`: processes are started anew after the files. */
  readonly running:
    | { readonly run: number; readonly startedAt: number; readonly restart: boolean }
    | undefined
  /** The run that last started processes anew; undefined for none. */
  readonly restarted: number | undefined
  /** A command after the sync failed; stands until the next save. */
  readonly problem: Problem | undefined
}

export interface SyncSave {
  readonly save: number
  /** Relative to the context. */
  readonly paths: readonly string[]
}

export type SyncDecision =
  /** Into the containers. `fingerprint` is of the inputs, `rules` are those of the config (`rulesText`) for which this was decided. */
  | {
      readonly kind: 'sync'
      readonly save: number
      readonly fingerprint: string
      readonly rules: string
    }
  /** An image, because of `why`. */
  | { readonly kind: 'build'; readonly save: number; readonly why: BuildReason }

/** Why a save of a service with `sync` rules makes an image. */
export type BuildReason =
  | { readonly kind: 'file'; readonly path: string; readonly because: FileReason }
  /** Not a file of the context that an image copies: the Dockerfile, an ignore file, one of `watch.extra`. */
  | { readonly kind: 'outside'; readonly path: string }
  /** Build arguments, a base or an image that it builds upon is another. */
  | { readonly kind: 'settings' }
  | { readonly kind: 'image-under-way' }
  | { readonly kind: 'no-container' }
  /** Other images are made of this one. */
  | { readonly kind: 'required'; readonly by: string }
  /** `then: restart`, and the image has nothing to start a process anew with. */
  | { readonly kind: 'no-supervisor' }
  /** The container did not take the files. */
  | { readonly kind: 'refused'; readonly message: string }

export type FileReason = 'no-rule' | 'dependencies' | 'strip' | 'line-break' | 'retyped'

/** In the words of a person: `save 3 makes an image: …`. */
export function describeReason(why: BuildReason): string {
  switch (why.kind) {
    case 'file':
      return `${why.path} ${FILE_REASONS[why.because]}`
    case 'outside':
      return `${why.path} changed`
    case 'settings':
      return 'what the image is built with changed besides its files'
    case 'image-under-way':
      return 'the image before it does not run yet'
    case 'no-container':
      return 'no container of the last image runs'
    case 'required':
      return `the image of ${why.by} is built upon this one`
    case 'no-supervisor':
      return 'its rules say "then: restart", and the image has neither /bin/sh nor Node to do that with'
    case 'refused':
      return `its container did not take the files: ${why.message}`
  }
}

const FILE_REASONS: Readonly<Record<FileReason, string>> = {
  'no-rule': 'matches no sync rule',
  dependencies:
    'says what is installed, which takes an image (a rule that names it without a wildcard syncs it)',
  strip: 'does not begin with what its rule strips',
  'line-break': 'has a line break in its name',
  retyped: 'was of another kind: a file, a folder, a link',
}
