import { objectEntries } from './object-entries.js'
import type { Problem } from './problem.js'
import { isPrunePending } from './prune/due-prune.js'
import { objectStatus, serviceStatus } from './service-status.js'
import type { LoadState, State } from './state.js'
import { clusterGivenUp, LOAD_ATTEMPTS } from './status/given-up.js'
import { stageStatus } from './status/hook-status.js'
import type { ServiceStatus } from './status/status.js'

/** Whether a session that ends by itself (`--once`, `build`, `deploy`) is at its end, and how it went. */
export type Outcome =
  | { readonly kind: 'running' }
  | { readonly kind: 'succeeded' }
  /** Every problem that stands in the way, worst first; nothing more will happen without a change. */
  | { readonly kind: 'failed'; readonly problems: readonly Problem[] }

export function outcome(state: State): Outcome {
  const deployed = deployOutcome(state)
  if (deployed.kind !== 'succeeded' || !state.mode.deploy) return deployed
  const after = stageStatus(state, undefined)
  if (after === undefined) return deployed
  return after.phase === 'failed' ? { kind: 'failed', problems: [after.problem] } : { kind: 'running' }
}

/** Whether everything is as it should be, but for what hooks of the project do after. */
export function isAllLive(state: State): boolean {
  return deployOutcome(state).kind === 'succeeded'
}

function deployOutcome(state: State): Outcome {
  if (clusterGivenUp(state) && state.cluster.kind === 'absent' && state.cluster.problem !== undefined) {
    return { kind: 'failed', problems: [state.cluster.problem] }
  }
  if (state.bugs.length > 0) return { kind: 'failed', problems: state.bugs }
  const statuses = Object.keys(state.services).map(name => serviceStatus(state, name))
  if (state.mode.deploy) {
    if (state.render.problem !== undefined && state.render.run === undefined) {
      return statuses.some(isUnderWay)
        ? { kind: 'running' }
        : { kind: 'failed', problems: [state.render.problem] }
    }
    if (state.cluster.kind !== 'connected' || state.render.manifests === undefined || state.render.due)
      return { kind: 'running' }
    if (state.render.run !== undefined) return { kind: 'running' }
    // The first one that is on its way settles it: in a large project the rest need not be looked at, for every event.
    const isGoingOn = (status: ServiceStatus) => isUnderWay(status) && !isApplied(state, status)
    if (statuses.some(isGoingOn)) return { kind: 'running' }
    for (const [key] of objectEntries(state.objects)) {
      const status = objectStatus(state, key)
      if (isGoingOn(status)) return { kind: 'running' }
      statuses.push(status)
    }
    statuses.push(...preloads(state))
  }
  if (statuses.some(status => isUnderWay(status) && !isApplied(state, status))) return { kind: 'running' }
  const problems = unique(
    statuses
      .flatMap(status => (status.phase === 'failed' && !isApplied(state, status) ? [status.problem] : []))
      .concat(rolledBack(state), state.prune.problems),
  )
  const isClearing = Object.values(state.objects).some(({ clearing }) => clearing === 'under-way')
  if (problems.length === 0 && state.mode.deploy && (isClearing || isPrunePending(state)))
    return { kind: 'running' }
  return problems.length === 0 ? { kind: 'succeeded' } : { kind: 'failed', problems }
}

/** Whether a session that waits for no pods is done with what has come this far. */
function isApplied({ mode, objects }: State, status: ServiceStatus): boolean {
  if (mode.wait !== false) return false
  if (status.phase === 'rolling') return true
  // What waits for pods that fail is never applied: their problem is the cause.
  const isLeft = Object.values(objects).some(({ apply }) => apply.kind !== 'applied')
  return status.phase === 'failed' && status.problem.kind === 'rollout-failed' && !isLeft
}

/** A service that runs the image of an earlier save is well, but what was asked to be live is not. */
function rolledBack(state: State): readonly Problem[] {
  return Object.values(state.services).flatMap(({ name, ledger }): readonly Problem[] => {
    const status = serviceStatus(state, name)
    if (status.phase !== 'rolled-back') return []
    return [
      {
        kind: 'rollout-failed',
        workload: `service/${name}`,
        namespace: '',
        reason: 'other',
        message: `was rolled back to ${status.to} on request: save ${ledger.save} is not what runs (devloop clear ${name} ends that)`,
        lastLines: [],
      },
    ]
  })
}

function preloads(state: State): ServiceStatus[] {
  return Object.values(state.loads).map(loadStatus)
}

function loadStatus(load: LoadState): ServiceStatus {
  switch (load.kind) {
    case 'loading': {
      const { sentBytes, totalBytes, startedAt } = load
      return { phase: 'loading', sentBytes, totalBytes, since: startedAt }
    }
    case 'failed':
      return { phase: 'failed', problem: load.problem, final: load.attempts >= LOAD_ATTEMPTS }
    case 'loaded':
    case 'not-local':
      return { phase: 'live' }
  }
}

function isUnderWay(status: ServiceStatus): boolean {
  switch (status.phase) {
    case 'failed':
      return !status.final
    case 'live':
    case 'scaled-to-zero':
    case 'rolled-back':
      return false
    case 'reading':
    case 'waiting':
    case 'building':
    case 'loading':
    case 'deploying':
    case 'rolling':
    case 'syncing':
      return true
  }
}

function unique(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Map(problems.map(problem => [JSON.stringify(problem), problem]))
  return [...seen.values()]
}
