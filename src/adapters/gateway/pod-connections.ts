import http from 'node:http'
import type { Duplex } from 'node:stream'
import { err, ok, type Result } from '../../core/result.js'
import type { Departure } from './departure.js'

/** Milliseconds that an idle connection is kept; Node's own server, the most frequent peer, ends one after 5 s. */
const IDLE = 4000
/** Connections to one pod that are opened at the same time: a crowd of them makes all of them late, and on a busy machine each takes its time. */
const OPENING = 32
/**
 * Milliseconds that a request waits for one of the connections in use before another one is opened. A program that ends as it should waits for its connections;
 * Node counts one that nothing was sent on as one in use; and containerd ends a connection a second after it was left. One that turns out not to be needed would
 * hold up each restart of the program by that second.
 */
const HESITATION = 10

/** A connection for one request. */
export interface PodConnection {
  /** How `http.request` is told to use it. */
  readonly way: Pick<http.RequestOptions, 'agent' | 'createConnection'>
  /** Whether it was there before the request: the pod may be closing it just now. */
  readonly isKept: boolean
  /** Gives it back unused. */
  discard(): void
}

/** The connections to one port of one pod. */
export interface PodConnections {
  /** A connection that nothing was sent on, or, unless the request wants that, one that is kept: whichever is there first. Fails where the pod refuses, or the client goes. */
  take(options: {
    readonly isOwn: boolean
    readonly client: Departure
  }): Promise<Result<PodConnection, Error>>
  /** Requests that wait for a connection are told that none comes. */
  refuse(error: Error): void
  /**
   * Ends what is idle, and keeps nothing from here on. Requests finish. Those that wait for a connection get one for themselves where `serves` says that the pod still
   * takes them, and else are told that none comes.
   */
  retire(serves: boolean): void
  /** Ends everything. */
  close(): void
}

interface Kept {
  readonly stream: Duplex
  /** Of this one connection; Node's agent knows when an answer leaves it fit for another request. */
  readonly agent: http.Agent
  timer: NodeJS.Timeout | undefined
}

interface Waiter {
  isOwn: boolean
  /** Whether it has waited for one in use for long enough. */
  isDue: boolean
  readonly done: (result: Result<PodConnection, Error>) => void
}

/** `connect` opens a connection, which is not wanted any more once the signal is aborted; it rejects where no byte can have reached the pod. */
export function createPodConnections(connect: (signal: AbortSignal) => Promise<Duplex>): PodConnections {
  const idle: Kept[] = []
  const all = new Set<Duplex>()
  /** Those of them that may be used again. */
  let kept = 0
  const waiters: Waiter[] = []
  const opening = new Set<AbortController>()
  let isRetired = false

  const release = (kept: Kept): void => {
    if (kept.stream.destroyed) return
    if (isRetired) {
      kept.stream.destroy()
      return
    }
    const at = waiters.findIndex(({ isOwn }) => !isOwn)
    const waiter = at === -1 ? undefined : waiters.splice(at, 1)[0]
    if (waiter !== undefined) {
      waiter.done(ok(lend(kept, true)))
      leaveUnneeded()
      return
    }
    kept.timer = setTimeout(() => kept.stream.destroy(), IDLE).unref()
    idle.push(kept)
  }

  const lend = (kept: Kept, isKept: boolean): PodConnection => {
    clearTimeout(kept.timer)
    return { way: { agent: kept.agent }, isKept, discard: () => release(kept) }
  }

  /** The one that was used last: the others may go. */
  const freshest = (): Kept | undefined => {
    const kept = idle.pop()
    return kept === undefined || (!kept.stream.destroyed && !kept.stream.readableEnded) ? kept : freshest()
  }

  const keep = (stream: Duplex): Kept => {
    const agent = new http.Agent({ keepAlive: true })
    Object.assign(agent, { createConnection: () => stream })
    const one: Kept = { stream, agent, timer: undefined }
    kept += 1
    agent.on('free', () => release(one))
    // A pod that ends its side while nothing is asked of it takes no more; within an answer, that is the answer's end.
    stream.on('end', () => {
      if (idle.includes(one)) stream.destroy()
    })
    stream.once('close', () => {
      kept -= 1
      clearTimeout(one.timer)
      const at = idle.indexOf(one)
      if (at !== -1) idle.splice(at, 1)
      open()
    })
    return one
  }

  const arrived = (stream: Duplex): void => {
    all.add(stream)
    stream.once('close', () => all.delete(stream))
    // Whoever uses it is told as well; unused, it only ends.
    stream.on('error', () => {})
    const waiter = waiters.shift()
    if (waiter?.isOwn === true) {
      const way = { createConnection: () => stream }
      waiter.done(ok({ way, isKept: false, discard: () => stream.destroy() }))
      return
    }
    // Another one became free sooner.
    if (waiter === undefined) stream.destroy()
    else waiter.done(ok(lend(keep(stream), false)))
  }

  const refuse = (error: Error): void => {
    for (const waiter of waiters.splice(0)) waiter.done(err(error))
  }

  const open = (): void => {
    const isAlone = kept === idle.length && opening.size === 0
    const due = waiters.filter(({ isDue }) => isDue).length
    const wanted = Math.max(due, Math.min(isAlone ? 1 : 0, waiters.length))
    while (opening.size < Math.min(OPENING, wanted)) {
      const controller = new AbortController()
      const { signal } = controller
      opening.add(controller)
      void connect(signal)
        .then(arrived, error => {
          if (!signal.aborted) refuse(error)
        })
        .finally(() => {
          opening.delete(controller)
          open()
        })
    }
  }

  /** Gives up the latest of those that are opened for nobody. */
  const leaveUnneeded = (): void => {
    for (const controller of [...opening].slice(waiters.length)) {
      opening.delete(controller)
      controller.abort()
    }
  }

  const retire = (serves: boolean): void => {
    isRetired = true
    for (const { stream } of [...idle]) stream.destroy()
    if (!serves) {
      refuse(new Error('the pod takes no more requests'))
      return
    }
    // A connection that comes and is not used would be waited for when the program ends.
    for (const waiter of waiters) Object.assign(waiter, { isOwn: true, isDue: true })
    open()
  }

  return {
    take: ({ isOwn, client }) =>
      new Promise(resolve => {
        const kept = isOwn ? undefined : freshest()
        if (kept !== undefined) {
          resolve(ok(lend(kept, true)))
          return
        }
        const { signal } = client
        const leave = (): void => {
          clearTimeout(timer)
          waiters.splice(waiters.indexOf(waiter), 1)
          resolve(err(new Error('the client left')))
        }
        const timer = setTimeout(() => {
          waiter.isDue = true
          open()
        }, HESITATION)
        const waiter: Waiter = {
          isOwn,
          isDue: isOwn,
          done: result => {
            clearTimeout(timer)
            signal.removeEventListener('abort', leave)
            resolve(result)
          },
        }
        signal.addEventListener('abort', leave, { once: true })
        waiters.push(waiter)
        open()
      }),
    refuse,
    retire,
    close: () => {
      retire(false)
      for (const stream of all) stream.destroy()
    },
  }
}
