import type { Announcement } from '../announcement.js'
import type { Problem } from '../problem.js'
import type { State } from '../state.js'
import { isBeingRead } from '../status/rollout-status.js'
import type { ServiceStatus } from '../status/status.js'

/** A crash whose last lines are on their way is told with them, not twice. */
export function tellable<T extends ServiceStatus | undefined>(state: State, status: T): T | ServiceStatus {
  return status?.phase === 'failed' && !status.final && isBeingRead(state, status.problem)
    ? { phase: 'rolling', message: status.problem.kind }
    : status
}

/** That something failed otherwise than before, or is well again. `isOpen`: its problem was told and is not solved. */
export function problemChange(
  was: ServiceStatus | undefined,
  is: ServiceStatus,
  of: { readonly service: string } | { readonly object: string },
  isOpen: boolean,
): Announcement[] {
  const old = was?.phase === 'failed' ? was : undefined
  const now = is.phase === 'failed' ? is : undefined
  if (now !== undefined) {
    if (now.problem.kind === 'cancelled') return []
    const isNews =
      old === undefined ||
      problemIdentity(old.problem) !== problemIdentity(now.problem) ||
      (now.final && !old.final)
    return isNews ? [{ type: 'problem', ...of, final: now.final, problem: now.problem }] : []
  }
  const isWell = is.phase === 'live' || is.phase === 'scaled-to-zero' || is.phase === 'rolled-back'
  return (old !== undefined || isOpen) && isWell ? [{ type: 'solved', ...of, title: '' }] : []
}

/** What makes a problem news: a crash loop's growing count of restarts does not, its last lines do. */
function problemIdentity(problem: Problem): string {
  if (problem.kind !== 'rollout-failed') return JSON.stringify(problem)
  const { workload, reason, container, exitCode, lastLines } = problem
  // What cannot be started has an exit code while it is over, and none while it waits for the next attempt.
  const code = reason === 'start-error' ? undefined : exitCode
  return JSON.stringify([workload, reason, container, code, lastLines.length > 0])
}
