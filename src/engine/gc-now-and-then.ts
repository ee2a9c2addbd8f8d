import type { Announcement } from '../core/announcement.js'
import { explain } from '../core/explain.js'
import { serviceStatus } from '../core/service-status.js'
import type { State } from '../core/state.js'
import type { Clock } from '../ports/clock.js'
import { type GcTools, planGc, removeStale } from './gc.js'
import type { Store } from './store.js'

/** Milliseconds between two times, and from the start to the first. */
const INTERVAL = 3_600_000
const FIRST = 600_000
/** Milliseconds of rest after a save became live: whoever saves again is not disturbed. */
const REST = 20_000
/** Fewer are not worth the engine's time. */
const WORTH = 10

/** Removes images that nothing needs, while `up` rests. */
export interface GcNowAndThen {
  /** To be called when the state changed. */
  refresh(): void
  stop(): Promise<void>
}

/**
 * After a save is live and nothing is under way, at most once an hour, and only where more than a few images are stale. It gives way to the next save; that it
 * failed is told, and no more than that.
 */
export function gcNowAndThen(options: {
  readonly store: Pick<Store, 'getState'>
  readonly clock: Clock
  readonly tools: GcTools
  readonly tell: (announcement: Announcement) => void
}): GcNowAndThen {
  const { store, clock, tools, tell } = options
  let due = clock.now() + FIRST
  let cancelRest: (() => void) | undefined
  let running: { readonly abort: AbortController; readonly ended: Promise<void> } | undefined

  const run = async (signal: AbortSignal): Promise<void> => {
    const { project, services } = store.getState()
    const live = Object.values(services).flatMap(({ lives, deployable, steering: { rolledBack } }) =>
      [...lives, deployable, rolledBack?.image, rolledBack?.newest].flatMap(
        image => image?.podReference ?? [],
      ),
    )
    const plan = await planGc(tools, project, live)
    const count = plan.ok
      ? Math.max(plan.value.host.length, ...plan.value.nodes.map(({ names }) => names.length))
      : 0
    if (signal.aborted || (plan.ok && count <= WORTH)) return
    const done = plan.ok ? await removeStale(tools, plan.value, signal) : plan
    if (!done.ok)
      tell({ type: 'notice', message: `old images stay where they are: ${explain(done.error).title}` })
    else if (done.value.host > 0 || done.value.nodes.length > 0)
      tell({
        type: 'notice',
        message: `${count} old images were removed; the last of each service, and what the cluster may go back to, stay`,
      })
  }

  const begin = (): void => {
    due = clock.now() + INTERVAL
    const abort = new AbortController()
    const ended = run(abort.signal).finally(() => {
      running = undefined
    })
    running = { abort, ended }
  }

  return {
    refresh: () => {
      const isResting = isAtRest(store.getState())
      if (!isResting) {
        cancelRest?.()
        cancelRest = undefined
        running?.abort.abort()
        return
      }
      if (running !== undefined || cancelRest !== undefined || store.getState().save === 0) return
      cancelRest = clock.after(Math.max(REST, due - clock.now()), () => {
        cancelRest = undefined
        begin()
      })
    },
    stop: async () => {
      cancelRest?.()
      running?.abort.abort()
      await running?.ended
    },
  }
}

function isAtRest(state: State): boolean {
  if (state.stopping || state.cluster.kind !== 'connected' || !state.cluster.link.up) return false
  const names = Object.keys(state.services)
  return names.every(name =>
    ['live', 'scaled-to-zero', 'rolled-back'].includes(serviceStatus(state, name).phase),
  )
}
