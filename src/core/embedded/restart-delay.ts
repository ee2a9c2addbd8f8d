/** Kubernetes' own back-off, in milliseconds: the first restart is at once, then 10 s, doubled each time up to 5 min. */
const FIRST = 10_000
const LONGEST = 300_000
/** A container that ran this long begins anew. */
const FORGIVEN_AFTER = 2 * LONGEST

/** How often a container ended in a row, and how long its last run was. */
export interface Ends {
  readonly count: number
  /** Milliseconds. */
  readonly ran: number
}

/** The number of ends in a row, with one more. */
export function countEnd({ count }: Pick<Ends, 'count'>, ran: number): Ends {
  return { count: ran >= FORGIVEN_AFTER ? 1 : count + 1, ran }
}

/** Milliseconds from a container's end to its next start. */
export function restartDelay({ count }: Ends): number {
  return count <= 1 ? 0 : Math.min(FIRST * 2 ** (count - 2), LONGEST)
}

/** Whether a container that ended so is started again. */
export function restarts(policy: string, exitCode: number): boolean {
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}
