/** The ways that bring an image's layers into nodes by `ctr images import`, fastest first, and that of the cluster's own tool. */
export type TransferMethod = 'sparse-push' | 'filtered-save' | 'save' | 'provider-load'

export interface TransferFacts {
  readonly store: 'classic' | 'containerd'
  /** Content bytes of all layers, and of those that a node lacks. */
  readonly totalBytes: number
  readonly missingBytes: number
  /** False once the engine could not reach our registry. */
  readonly pushReachable: boolean
  /** Whether the cluster's own tool can load images. */
  readonly providerLoad: boolean
}

// Measured on two busy cores with Docker 20.10: a push compresses at about 15 MB/s, and only what is missing; a save writes all of the
// image to disk first, 16 ms/MB, and then costs a hash and an unpacking of what is missing. Only their relation matters.
const COMPRESS_MS_PER_MB = 65
const SAVE_MS_PER_MB = 16
const SAVE_FLOOR_MS = 300
const MB = 1_000_000

/** The ways to try, in order. The first is the fastest for this image on these nodes; each further one depends on less. */
export function chooseMethods(facts: TransferFacts): readonly [TransferMethod, ...TransferMethod[]] {
  const last: readonly TransferMethod[] = facts.providerLoad ? ['provider-load'] : []
  // The containerd store keeps layers compressed, so that a push costs no more than reading them. Its archives cannot be filtered by
  // uncompressed digest, so only whole ones follow.
  if (facts.store === 'containerd')
    return facts.pushReachable ? ['sparse-push', 'save', ...last] : ['save', ...last]
  const push = (facts.missingBytes / MB) * COMPRESS_MS_PER_MB
  const save = SAVE_FLOOR_MS + (facts.totalBytes / MB) * SAVE_MS_PER_MB
  const saves = ['filtered-save', 'save', ...last] as const
  return facts.pushReachable && push <= save ? ['sparse-push', ...saves] : saves
}

/**
 * Bytes of one upload after which the classic engine is told that it has sent enough, where it begins to compress a layer that no node
 * needs. Compressed content seldom exceeds the content; headers and names come on top.
 */
export function uploadBudget(missingSizes: readonly number[]): number {
  return Math.ceil(Math.max(0, ...missingSizes) * 1.2) + MB / 4
}
