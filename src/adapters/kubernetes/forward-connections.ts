import type { Duplex } from 'node:stream'
import { cancelled } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { ForwardProblem } from '../../ports/pod-forward.js'
import type { ForwardTunnel } from './forward-tunnel.js'

/** Milliseconds that a tunnel is kept with nothing to carry. */
const IDLE = 10_000
/** Tunnels of one port that are kept with nothing to carry. */
const MOST_IDLE = 16
/** Handshakes for one port at the same time: they cost the API server and the kubelet processor time, and more of them make all of them late. */
const OPENING = 4

/** What a handshake made: a tunnel for many connections, or, of a server that has none, one connection. */
export type Made =
  | {
      readonly type: 'tunnel'
      /** `onFree` is called whenever it is fit for another connection, `onClose` when it is for none any more. */
      readonly tunnel: (on: { readonly onFree: () => void; readonly onClose: () => void }) => ForwardTunnel
      /** Whether this process lives on for it. */
      readonly hold: (isHeld: boolean) => void
    }
  | { readonly type: 'stream'; readonly stream: Duplex }

/** The connections to one port of one pod. */
export interface ForwardConnections {
  open(signal: AbortSignal | undefined): Promise<Result<Duplex, ForwardProblem>>
}

type Waiter = (got: Result<Duplex, ForwardProblem>) => void

interface Kept {
  readonly tunnel: ForwardTunnel
  readonly hold: (isHeld: boolean) => void
  timer: NodeJS.Timeout | undefined
}

/** Each connection goes over a tunnel that is free, or over a new one: whichever is there first. `onEmpty` is called when nothing is left. */
export function createForwardConnections(options: {
  readonly port: number
  readonly handshake: () => Promise<Result<Made, ForwardProblem>>
  readonly onEmpty: () => void
}): ForwardConnections {
  const { port, handshake, onEmpty } = options
  const idle: Kept[] = []
  const waiters: Waiter[] = []
  let opening = 0
  let alive = 0

  const handOver = (kept: Kept): void => {
    const waiter = waiters.shift()
    if (waiter === undefined) {
      if (idle.length >= MOST_IDLE) {
        kept.tunnel.close()
        return
      }
      kept.hold(false)
      kept.timer = setTimeout(() => kept.tunnel.close(), IDLE).unref()
      idle.push(kept)
      return
    }
    clearTimeout(kept.timer)
    kept.hold(true)
    void kept.tunnel.open(port).then(stream => {
      if (stream !== undefined) {
        waiter(ok(stream))
        return
      }
      // It ended meanwhile, and no pod saw anything of it.
      waiters.unshift(waiter)
      start()
    })
  }

  const made = (result: Made): void => {
    if (result.type === 'stream') {
      const waiter = waiters.shift()
      if (waiter === undefined) result.stream.destroy()
      else waiter(ok(result.stream))
      return
    }
    alive += 1
    const onClose = (): void => {
      clearTimeout(kept.timer)
      const at = idle.indexOf(kept)
      if (at !== -1) idle.splice(at, 1)
      alive -= 1
      if (alive === 0 && opening === 0 && waiters.length === 0) onEmpty()
    }
    const tunnel = result.tunnel({ onFree: () => handOver(kept), onClose })
    const kept: Kept = { tunnel, hold: result.hold, timer: undefined }
    handOver(kept)
  }

  const start = (): void => {
    for (let kept = idle.pop(); kept !== undefined; kept = idle.pop()) {
      if (waiters.length === 0) {
        idle.push(kept)
        return
      }
      handOver(kept)
    }
    while (opening < Math.min(OPENING, waiters.length)) {
      opening += 1
      void handshake().then(result => {
        opening -= 1
        if (result.ok) made(result.value)
        else for (const waiter of waiters.splice(0)) waiter(result)
        start()
        if (alive === 0 && opening === 0 && waiters.length === 0) onEmpty()
      })
    }
  }

  return {
    open: signal =>
      new Promise(resolve => {
        const leave = (): void => {
          const at = waiters.indexOf(waiter)
          if (at !== -1) waiters.splice(at, 1)
          resolve(err(cancelled))
        }
        const waiter: Waiter = got => {
          signal?.removeEventListener('abort', leave)
          if (signal?.aborted === true && got.ok) got.value.destroy()
          resolve(got)
        }
        if (signal?.aborted === true) {
          resolve(err(cancelled))
          return
        }
        signal?.addEventListener('abort', leave, { once: true })
        waiters.push(waiter)
        start()
      }),
  }
}
