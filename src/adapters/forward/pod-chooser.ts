import type { BackendState, PodEndpoint } from '../../ports/gateway.js'
import { createWaiters } from './waiters.js'

/** Milliseconds that a connection waits for a pod, as a request to the gateway does. */
const PATIENCE = 10_000
/** Milliseconds between two rounds over pods that all refuse connections. */
const PAUSE = 100

export interface PodChooser {
  /** The next pod in turn that was not tried, waiting a while for one; undefined: none came. */
  pick(tried: ReadonlySet<string>, since: number, signal: AbortSignal): Promise<PodEndpoint | undefined>
}

export interface PodTurns extends PodChooser {
  readonly backend: BackendState
  /** Connections that wait look again. */
  update(backend: BackendState): void
  close(): void
}

/** Chooses among the ready pods of a forward, each in its turn. */
export function createPodTurns(first: BackendState): PodTurns {
  let backend = first
  let turn = 0
  let isClosed = false
  const { wait, wakeAll } = createWaiters()
  return {
    get backend() {
      return backend
    },
    update: next => {
      backend = next
      wakeAll()
    },
    close: () => {
      isClosed = true
      wakeAll()
    },
    pick: async (triedBefore, since, signal) => {
      let tried = triedBefore
      while (!signal.aborted && !isClosed) {
        const usable = backend.ready.filter(({ uid }) => !tried.has(uid))
        const staying = usable.filter(({ outgoing }) => outgoing !== true)
        const open = staying.length > 0 ? staying : usable
        const picked = open[turn % open.length]
        turn += 1
        if (picked !== undefined) return picked
        const left = since + PATIENCE - Date.now()
        if (left <= 0 || (backend.ready.length === 0 && !backend.coming)) return undefined
        await wait(backend.ready.length === 0 ? left : Math.min(left, PAUSE), signal)
        tried = new Set()
      }
      return undefined
    },
  }
}
