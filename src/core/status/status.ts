import type { Hold } from '../hold.js'
import type { Problem } from '../problem.js'

/** Where a service's last save is on its way, in one word and what belongs to it. */
export type ServiceStatus =
  | { readonly phase: 'reading' }
  | { readonly phase: 'waiting'; readonly hold: Hold }
  | {
      readonly phase: 'building'
      readonly step: string | undefined
      readonly since: number
      readonly superseded: boolean
    }
  | {
      readonly phase: 'loading'
      readonly sentBytes: number
      readonly totalBytes: number | undefined
      readonly since: number
    }
  | { readonly phase: 'deploying' }
  /** Files go into its running containers, of which `left` lack some. */
  | { readonly phase: 'syncing'; readonly left: number; readonly since: number | undefined }
  | { readonly phase: 'rolling'; readonly message: string }
  /** `final`: nothing more will come of it without a change. A rollout that fails may still end well. */
  | { readonly phase: 'failed'; readonly problem: Problem; readonly final: boolean }
  | { readonly phase: 'live' }
  /** As it should be, but for its pods: somebody asked that it run none. Not a failure, and nothing is waited for. */
  | { readonly phase: 'scaled-to-zero' }
  /** Runs an earlier image, because somebody asked for it. */
  | {
      readonly phase: 'rolled-back'
      /** `save 3`, `revision 2`. */
      readonly to: string
      /** A later save, which is built and waits until the rollback is taken back. */
      readonly held?: number
    }

/** What a rollback means for a person, in a few words. */
export function rolledBackText({
  to,
  held,
}: Omit<Extract<ServiceStatus, { phase: 'rolled-back' }>, 'phase'>): string {
  return held === undefined ? `to ${to}` : `to ${to}; save ${held} is built and held`
}

const ORDER: readonly ServiceStatus['phase'][] = [
  'failed',
  'waiting',
  'deploying',
  'rolling',
  'syncing',
  'loading',
  'building',
  'reading',
  'scaled-to-zero',
  'rolled-back',
  'live',
]

/** The one of several statuses that a person should hear of first. */
export function worst(statuses: readonly ServiceStatus[]): ServiceStatus {
  return statuses.reduce<ServiceStatus>(
    (most, status) => (ORDER.indexOf(status.phase) < ORDER.indexOf(most.phase) ? status : most),
    { phase: 'live' },
  )
}
