import type { CheckEvent } from '../event.js'
import type { State } from '../state.js'

export function reduceCheck(state: State, event: CheckEvent & { readonly at: number }): State {
  const { id } = event
  const before = state.checks[id]
  switch (event.type) {
    case 'check-started': {
      const known = before === undefined || before.kind === 'passed' ? undefined : before
      return withCheck(state, id, {
        kind: 'asking',
        run: event.run,
        since: known?.since ?? event.at,
        attempts: known?.attempts ?? 0,
        failure: known?.failure,
      })
    }
    case 'check-passed':
      return before?.kind === 'asking' && before.run === event.run
        ? withCheck(state, id, { kind: 'passed' })
        : state
    case 'check-failed': {
      if (before?.kind !== 'asking' || before.run !== event.run) return state
      const { since, attempts } = before
      return withCheck(state, id, {
        kind: 'unready',
        since,
        attempts: attempts + 1,
        failure: { message: event.message, timedOut: event.at - since >= event.timeout * 1000 },
        due: false,
      })
    }
  }
}

/** What waited for its time is asked again. */
export function askAgain(state: State): State {
  const checks = Object.entries(state.checks).map(([id, check]) => [
    id,
    check.kind === 'unready' ? { ...check, due: true } : check,
  ])
  return { ...state, checks: Object.fromEntries(checks) }
}

function withCheck(state: State, id: string, check: State['checks'][string]): State {
  return { ...state, checks: { ...state.checks, [id]: check } }
}
