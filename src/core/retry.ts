import { objectEntries } from './object-entries.js'
import { isLeftOut } from './optional-kind.js'
import { unsettledSince } from './prune/due-prune.js'
import { PRUNE_QUIET } from './prune/prune-state.js'
import { awaitsClaim, CLAIM_PATIENCE } from './rollout/awaits-claim.js'
import { deadlineOf } from './rollout/deadline-of.js'
import { unseenApplies } from './rollout/unseen-applies.js'
import type { State } from './state.js'
import { isRetried, LOAD_ATTEMPTS } from './status/given-up.js'

/** Something that failed and is to be tried again by itself after a while. */
export interface Retry {
  readonly what: 'connect' | 'engine' | 'apply' | 'load' | 'check' | 'prune' | 'judge' | 'look'
  /** Milliseconds from the failure. */
  readonly delay: number
  /** Changes with each failure, so that one failure makes one retry. */
  readonly id: string
}

const SECOND = 1000
/** How long a person waits at most for devloop to notice that something is back. */
const LONGEST = 5 * SECOND

/** How long the watches try to get back by themselves before the cluster is looked for again. */
const LINK_PATIENCE = 10 * SECOND

/** How long the watches have to show what was applied before they are connected anew. */
const LOOK_PATIENCE = 5 * SECOND

const backOff = (attempts: number, first: number): number =>
  Math.min(first * 2 ** Math.max(0, attempts - 1), LONGEST)

/** What is to be tried again, and when. Nothing while all is well: at rest no timer runs. */
export function retries(state: State): readonly Retry[] {
  if (state.stopping) return []
  const found: Retry[] = []
  const { cluster, engine } = state
  if (
    cluster.kind === 'absent' &&
    !cluster.due &&
    cluster.problem !== undefined &&
    cluster.problem.kind !== 'cluster-refused'
  ) {
    found.push({ what: 'connect', delay: backOff(cluster.attempts, SECOND), id: `${cluster.attempts}` })
  }
  if (cluster.kind === 'connected' && !cluster.link.up) {
    found.push({ what: 'connect', delay: LINK_PATIENCE, id: 'link' })
  }
  if (engine.kind === 'unreachable' && !engine.due && engine.probing === undefined) {
    found.push({ what: 'engine', delay: backOff(engine.attempts + 1, SECOND), id: `${engine.attempts}` })
  }
  if (cluster.kind === 'connected' && cluster.link.up) {
    const unseen = unseenApplies(state).join()
    if (unseen !== '' && unseen !== cluster.looked)
      found.push({ what: 'look', delay: LOOK_PATIENCE, id: unseen })
  }
  const applies = objectEntries(state.objects).flatMap(([key, { apply, linked }]) =>
    apply.kind === 'failed' &&
    !apply.retry &&
    isRetried(apply.problem) &&
    // Its CRD is watched for.
    !isLeftOut(linked.ref, apply.problem)
      ? [{ key, attempts: apply.attempts }]
      : [],
  )
  if (applies.length > 0) {
    const fewest = Math.min(...applies.map(({ attempts }) => attempts))
    found.push({
      what: 'apply',
      delay: backOff(fewest, SECOND / 4),
      id: applies.map(({ key, attempts }) => `${key}=${attempts}`).join(),
    })
  }
  const loads = Object.entries(state.loads).flatMap(([image, load]) =>
    load.kind === 'failed' && !load.retry && load.attempts < LOAD_ATTEMPTS
      ? [{ image, attempts: load.attempts }]
      : [],
  )
  if (loads.length > 0) {
    const fewest = Math.min(...loads.map(({ attempts }) => attempts))
    found.push({
      what: 'load',
      delay: backOff(fewest, SECOND),
      id: loads.map(({ image, attempts }) => `${image}=${attempts}`).join(),
    })
  }
  const checks = Object.entries(state.checks).flatMap(([id, check]) =>
    check.kind === 'unready' && !check.due ? [{ id, attempts: check.attempts }] : [],
  )
  if (checks.length > 0) {
    const fewest = Math.min(...checks.map(({ attempts }) => attempts))
    found.push({
      what: 'check',
      delay: backOff(fewest, SECOND / 4),
      id: checks.map(({ id, attempts }) => `${id}=${attempts}`).join(),
    })
  }
  const claims = podsAwaitingClaims(state)
  if (claims.length > 0) found.push({ what: 'judge', delay: CLAIM_PATIENCE, id: claims.join() })
  const missingSince = unsettledSince(state)
  if (missingSince !== undefined) found.push({ what: 'prune', delay: PRUNE_QUIET, id: `${missingSince}` })
  return found
}

/** Pods that are not scheduled for want of a claim: when it stays so the scheduler says nothing more, and after a while it counts as a problem. */
function podsAwaitingClaims({ observed }: State): readonly string[] {
  return Object.values(observed.pods).flatMap(pod => (awaitsClaim(pod) ? [pod.uid] : []))
}

/** An apply takes tens of milliseconds, one that waits for a webhook up to some seconds (10 by default): after these milliseconds a newer version overtakes it. */
export const SLOW_APPLY = 5 * SECOND

/** Applies under way, and when (milliseconds since the epoch) each counts as slow. */
export function slowApplies(
  state: State,
): readonly { readonly key: string; readonly run: number; readonly at: number }[] {
  return objectEntries(state.objects).flatMap(([key, { apply }]) =>
    apply.kind === 'applying' && apply.slow === undefined
      ? [{ key, run: apply.run, at: apply.startedAt + SLOW_APPLY }]
      : [],
  )
}

/**
 * Milliseconds without progress after which a load does not hold up the next one of its service. Not less, for a node unpacks a large layer in silence, and what it did would be done again.
 */
export const STALLED_LOAD = 10 * SECOND

/** Loads under way, and when (milliseconds since the epoch) each counts as stalled if it does not go on. */
export function stallingLoads({
  loads,
}: Pick<State, 'loads'>): readonly { readonly image: string; readonly run: number; readonly at: number }[] {
  return Object.entries(loads).flatMap(([image, load]) =>
    load.kind === 'loading' && load.stalled === undefined
      ? [{ image, run: load.run, at: load.progressedAt + STALLED_LOAD }]
      : [],
  )
}

/** A workload that has until `at` (milliseconds since the epoch) to become ready. */
export interface Deadline {
  readonly key: string
  readonly version: string
  readonly at: number
}

/** Rollouts whose time is not kept by the cluster itself: those of `waitTimeout`, and of kinds without a progress deadline. */
export function deadlines(state: State): readonly Deadline[] {
  const { waitTimeout } = state.project
  return objectEntries(state.objects).flatMap(([key, { apply, rollout, linked }]) => {
    if (apply.kind !== 'applied' || rollout === undefined || rollout.deadlinePassed) return []
    if (rollout.doneAt !== undefined || rollout.status.kind === 'held') return []
    // Its controller counts from the change of the template, and no longer once that was complete: without a change the time is ours to keep.
    if (waitTimeout === undefined && linked.ref.kind === 'Deployment' && apply.outcome !== 'unchanged')
      return []
    const seconds = waitTimeout ?? deadlineOf(state.observed.workloads[key])
    return seconds === undefined ? [] : [{ key, version: apply.version, at: apply.at + seconds * SECOND }]
  })
}
