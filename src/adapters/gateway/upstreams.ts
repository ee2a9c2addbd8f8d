import { createHash, randomBytes } from 'node:crypto'
import http from 'node:http'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import type { Affinity, BackendRef } from '../../core/routes/route-table.js'
import { backendText } from '../../core/routes/route-table.js'
import type { GatewayView, PodEndpoint } from '../../ports/gateway.js'
import { type PodForward, REFUSED } from '../../ports/pod-forward.js'
import { assignSlots } from './slots.js'

/** Milliseconds that an idle connection is kept; Node's own server, the most frequent peer, ends one after 5 s. */
const IDLE = 4000
/** Milliseconds that a request waits for a pod. */
const PATIENCE = 10_000
/** Milliseconds between two rounds over pods that all refuse connections. */
const PAUSE = 100

export interface Picked {
  readonly endpoint: PodEndpoint
  /** The cookie to be set, if one is. */
  readonly cookie: string | undefined
}

export interface Upstreams {
  update(view: GatewayView): void
  readonly view: GatewayView
  /** A ready pod that was not tried, waiting a while for one. `tried` is emptied when all were. Undefined: none came. */
  pick(wanted: {
    readonly backend: BackendRef
    readonly affinity: Affinity | undefined
    readonly cookie: string | undefined
    readonly tried: Set<string>
    readonly since: number
    readonly signal: AbortSignal
  }): Promise<Picked | undefined>
  /** Connections to a pod that are kept and used again. */
  agent(endpoint: PodEndpoint, secure: boolean): http.Agent
  /** A connection of its own. */
  connect(endpoint: PodEndpoint, secure: boolean): Promise<Duplex>
  close(): void
}

export function createUpstreams(first: GatewayView, forward: PodForward): Upstreams {
  let view = first
  const agents = new Map<string, { readonly agent: http.Agent; readonly uid: string }>()
  const turns = new Map<string, number>()
  const slots = new Map<string, readonly (string | undefined)[]>()
  const waiting = new Set<() => void>()
  const refs = new Map<string, BackendRef>()

  const connect = async (endpoint: PodEndpoint, secure: boolean): Promise<Duplex> => {
    const { namespace, pod, port } = endpoint
    const opened = await forward.open({ namespace, pod, port })
    if (!opened.ok) {
      const message = 'message' in opened.error ? opened.error.message : 'stopped'
      // Nothing was sent: as good as refused.
      throw Object.assign(new Error(message), { code: REFUSED })
    }
    return secure ? tls.connect({ socket: opened.value, rejectUnauthorized: false }) : opened.value
  }

  const retire = (agent: http.Agent): void => {
    agent.maxFreeSockets = 0
    for (const free of Object.values(agent.freeSockets)) for (const socket of free ?? []) socket.destroy()
  }

  const changedOrAfter = (milliseconds: number, signal: AbortSignal): Promise<void> =>
    new Promise(resolve => {
      const done = (): void => {
        clearTimeout(timer)
        waiting.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, milliseconds)
      waiting.add(done)
      signal.addEventListener('abort', done, { once: true })
      if (signal.aborted) done()
    })

  const choose = (
    key: string,
    usable: readonly PodEndpoint[],
    ready: readonly PodEndpoint[],
    { affinity, cookie }: { readonly affinity: Affinity | undefined; readonly cookie: string | undefined },
  ): Picked | undefined => {
    const turn = turns.get(key) ?? 0
    turns.set(key, turn + 1)
    const next = usable[turn % usable.length]
    if (next === undefined) return undefined
    if (affinity === undefined) return { endpoint: next, cookie: undefined }
    const own = assignSlots(slots.get(key) ?? [], ready)
    slots.set(key, own)
    const suffix = digest(`${digest(key)}${key}`)
    const idOf = (slot: number): string => (affinity.mode === 'persistent' ? digest(`${key} ${slot}`) : '')
    const given = cookie?.endsWith(`|${suffix}`) === true ? cookie.slice(0, -suffix.length - 1) : undefined
    if (given !== undefined) {
      const slot =
        affinity.mode === 'persistent' ? own.findIndex((_, at) => idOf(at) === given) : ringSlot(given, own)
      const kept = usable.find(({ uid }) => uid === own[slot])
      if (kept !== undefined) return { endpoint: kept, cookie: undefined }
      // As there: a balanced cookie stays as it is, and leads to another pod.
      if (affinity.mode === 'balanced' && !affinity.changeOnFailure)
        return { endpoint: next, cookie: undefined }
    }
    let id = randomBytes(16).toString('hex')
    let endpoint = next
    if (affinity.mode === 'persistent') id = idOf(own.indexOf(next.uid))
    else endpoint = usable.find(({ uid }) => uid === own[ringSlot(id, own)]) ?? next
    return { endpoint, cookie: `${affinity.cookie}=${id}|${suffix}; ${affinity.attributes}` }
  }

  return {
    get view() {
      return view
    },
    update: next => {
      view = next
      const ready = new Set([...refs.values()].flatMap(ref => next.backend(ref).ready.map(({ uid }) => uid)))
      for (const [key, { agent, uid }] of agents) {
        if (ready.has(uid)) continue
        agents.delete(key)
        retire(agent)
      }
      for (const wake of [...waiting]) wake()
    },
    pick: async wanted => {
      const { backend, tried, since, signal } = wanted
      const key = backendText(backend)
      refs.set(key, backend)
      while (!signal.aborted) {
        const { ready, coming } = view.backend(backend)
        const usable = ready.filter(({ uid }) => !tried.has(uid))
        const picked = choose(key, usable, ready, wanted)
        if (picked !== undefined) return picked
        const left = since + PATIENCE - Date.now()
        if (left <= 0 || (ready.length === 0 && !coming)) return undefined
        await changedOrAfter(ready.length === 0 ? left : Math.min(left, PAUSE), signal)
        tried.clear()
      }
      return undefined
    },
    agent: (endpoint, secure) => {
      const key = `${endpoint.uid}:${endpoint.port}:${secure}`
      const known = agents.get(key)
      if (known !== undefined) return known.agent
      const agent = new http.Agent({ keepAlive: true, timeout: IDLE, scheduling: 'lifo' })
      Object.assign(agent, {
        createConnection: (_: unknown, done: (error: Error | null, stream?: Duplex) => void): void => {
          connect(endpoint, secure).then(stream => done(null, stream), done)
        },
      })
      agents.set(key, { agent, uid: endpoint.uid })
      return agent
    },
    connect,
    close: () => {
      for (const { agent } of agents.values()) agent.destroy()
      agents.clear()
      for (const wake of [...waiting]) wake()
    },
  }
}

/** For a request with a connection of its own. */
export function dial(
  upstreams: Upstreams,
  endpoint: PodEndpoint,
  secure: boolean,
): Exclude<http.RequestOptions['createConnection'], undefined> {
  return (_, done) => {
    upstreams.connect(endpoint, secure).then(
      stream => done(null, stream),
      // Node's types want a stream beside an error.
      (error: Error) => (done as (error: Error) => void)(error),
    )
    return undefined
  }
}

const digest = (text: string): string => createHash('md5').update(text).digest('hex')

/** The slot of a key on the ring; a slot whose pod is gone keeps its place until another pod takes it. */
function ringSlot(key: string, slots: readonly unknown[]): number {
  let best = -1
  let most = ''
  for (const at of slots.keys()) {
    const rank = digest(`${key} ${at}`)
    if (rank <= most) continue
    most = rank
    best = at
  }
  return best
}
