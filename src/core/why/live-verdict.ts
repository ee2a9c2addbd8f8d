import type { Problem } from '../problem.js'
import { objectStatus, serviceStatus } from '../service-status.js'
import type { State } from '../state.js'
import { clusterGivenUp } from '../status/given-up.js'
import type { ServiceStatus } from '../status/status.js'

/** What is answered to who waits for the working tree to be what runs. Plain JSON. */
export type LiveAnswer =
  | { readonly kind: 'live'; readonly save: number }
  /** Nothing more comes of it without a change. Never empty; the first cause is the one to go by. */
  | { readonly kind: 'failed'; readonly save: number; readonly causes: readonly LiveCause[] }
  /** Somebody asked that other than the working tree runs. */
  | { readonly kind: 'held'; readonly save: number; readonly services: readonly HeldService[] }
  | { readonly kind: 'unknown-service'; readonly service: string; readonly known: readonly string[] }

export interface LiveCause {
  readonly service?: string
  readonly problem: Problem
}

export interface HeldService {
  readonly service: string
  readonly reason: 'paused' | 'rolled-back'
}

/**
 * Whether the working tree, as far as it was read, is what runs: of these services, or of everything where none is named. Undefined while that is still on
 * its way. A service that is scaled to zero runs what was asked of it.
 */
export function liveAnswer(state: State, services: readonly string[]): LiveAnswer | undefined {
  const known = Object.keys(state.services)
  const unknown = services.find(name => !known.includes(name))
  if (unknown !== undefined) return { kind: 'unknown-service', service: unknown, known }
  const { save } = state
  const names = services.length === 0 ? known : services
  const general = generalCauses(state)
  if (general.length > 0) return { kind: 'failed', save, causes: general }
  const statuses = names.map(service => ({ service, status: serviceStatus(state, service) }))
  const others = services.length === 0 ? otherStatuses(state) : []
  const held = statuses.flatMap(({ service, status }) => heldBy(service, status))
  // What a reading of the manifests brings may mend what failed.
  if (isBeingRead(state)) return undefined
  const causes = [
    ...statuses.flatMap(({ service, status }) => problemOf(status).map(problem => ({ service, problem }))),
    ...others.flatMap(status => problemOf(status).map(problem => ({ problem }))),
  ]
  // Of no use to wait for the others then.
  if (causes.length > 0) return { kind: 'failed', save, causes: unique(causes) }
  if ([...statuses.map(({ status }) => status), ...others].some(isUnderWay)) return undefined
  return held.length > 0 ? { kind: 'held', save, services: held } : { kind: 'live', save }
}

/** What is wrong with the session as a whole, so that the working tree cannot be what runs. */
function generalCauses(state: State): readonly LiveCause[] {
  if (clusterGivenUp(state) && state.cluster.kind === 'absent' && state.cluster.problem !== undefined)
    return [{ problem: state.cluster.problem }]
  const { render, configProblem } = state
  if (render.run !== undefined || render.due) return []
  return [configProblem, render.problem].flatMap(problem => (problem === undefined ? [] : [{ problem }]))
}

function otherStatuses(state: State): readonly ServiceStatus[] {
  return Object.entries(state.objects)
    .filter(([, { linked }]) => linked.services.length === 0)
    .map(([key]) => objectStatus(state, key))
}

function heldBy(service: string, status: ServiceStatus): readonly HeldService[] {
  if (status.phase === 'rolled-back') return [{ service, reason: 'rolled-back' }]
  return isPaused(status) ? [{ service, reason: 'paused' }] : []
}

const isPaused = (status: ServiceStatus): boolean =>
  status.phase === 'waiting' && status.hold.kind === 'paused'

/** A problem that nothing but a change will solve. */
const problemOf = (status: ServiceStatus): readonly Problem[] =>
  status.phase === 'failed' && status.final ? [status.problem] : []

/** The manifests are read, or the cluster cannot tell how things are. */
function isBeingRead({ mode, render, cluster }: State): boolean {
  if (!mode.deploy) return false
  return render.due || render.run !== undefined || cluster.kind !== 'connected' || !cluster.link.up
}

function isUnderWay(status: ServiceStatus): boolean {
  switch (status.phase) {
    case 'failed':
      return !status.final
    case 'waiting':
      return !isPaused(status)
    case 'live':
    case 'scaled-to-zero':
    case 'rolled-back':
      return false
    case 'reading':
    case 'building':
    case 'loading':
    case 'deploying':
    case 'rolling':
    case 'syncing':
      return true
  }
}

function unique(causes: readonly LiveCause[]): readonly LiveCause[] {
  return [...new Map(causes.map(cause => [JSON.stringify(cause), cause])).values()]
}
