import { createHash, randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import { err, type Result } from '../../core/result.js'
import { affinityKey } from '../../core/routes/affinity-key.js'
import type { Affinity, BackendRef } from '../../core/routes/route-table.js'
import { backendText } from '../../core/routes/route-table.js'
import type { GatewayView, PodEndpoint } from '../../ports/gateway.js'
import { type PodForward, REFUSED } from '../../ports/pod-forward.js'
import { createWaiters } from '../forward/waiters.js'
import type { Departure } from './departure.js'
import { createDoubts } from './doubts.js'
import { createPodConnections, type PodConnection, type PodConnections } from './pod-connections.js'
import { assignSlots } from './slots.js'

/** Milliseconds that a request waits for a pod. */
const PATIENCE = 10_000
/** The same with the time that connecting to pods took in vain. */
const LONGEST = 30_000
/** Milliseconds in which it has to be known whether a pod is on its way out. */
const SOON = 3000
/** Keys that are made for a new session until one leads to a pod that takes it: with as many places as pods, one does at once. */
const KEYS = 100

export interface Picked {
  readonly endpoint: PodEndpoint
  /** The cookie to be set, if one is. */
  readonly cookie: string | undefined
}

export interface Upstreams {
  update(view: GatewayView): void
  readonly view: GatewayView
  /** A ready pod that does not refuse connections, waiting a while for one. Undefined: none came. What becomes of the request must be told, by `refused`, `answered` or `abandoned`. */
  pick(wanted: {
    readonly backend: BackendRef
    readonly affinity: Affinity | undefined
    readonly cookie: string | undefined
    /** Requests with the same text go to the same place among the replicas. */
    readonly hash: string | undefined
    /** When the request came, and that moved on by what connecting took: the wait for a pod has one end, and all together another. */
    readonly begun: number
    readonly since: number
    readonly client: Departure
  }): Promise<Picked | undefined>
  /** A connection to a pod, of the request's own or one that is kept. Fails where no byte can have reached the pod. */
  connection(
    endpoint: PodEndpoint,
    options: { readonly secure: boolean; readonly isOwn: boolean; readonly client: Departure },
  ): Promise<Result<PodConnection, Error>>
  /** Whether a pod that broke a connection off is on its way out, or gone. False where that cannot be known soon. */
  hasEnded(endpoint: PodEndpoint, client: Departure): Promise<boolean>
  /** The pod did not take the request: others wait before they try it. */
  refused(endpoint: PodEndpoint): void
  /** The pod took the request. */
  answered(endpoint: PodEndpoint): void
  /** The request ended before that was known. */
  abandoned(endpoint: PodEndpoint): void
  close(): void
}

export function createUpstreams(first: GatewayView, forward: PodForward): Upstreams {
  let view = first
  const pools = new Map<
    string,
    { readonly connections: PodConnections; readonly of: string; readonly uid: string }
  >()
  const doubts = createDoubts(Date.now)
  const turns = new Map<string, number>()
  const slots = new Map<string, readonly (string | undefined)[]>()
  const { wait, wakeAll } = createWaiters()
  const refs = new Map<string, BackendRef>()

  const connect = async (endpoint: PodEndpoint, secure: boolean, signal: AbortSignal): Promise<Duplex> => {
    const { namespace, pod, port } = endpoint
    const opened = await forward.open({ namespace, pod, port }, signal)
    if (!opened.ok) {
      const message = 'message' in opened.error ? opened.error.message : 'stopped'
      // Nothing was sent: as good as refused.
      throw Object.assign(new Error(message), { code: REFUSED })
    }
    return secure ? tls.connect({ socket: opened.value, rejectUnauthorized: false }) : opened.value
  }

  const readyPods = (of: GatewayView): readonly PodEndpoint[] =>
    [...refs.values()].flatMap(ref => of.backend(ref).ready)

  const choose = (
    key: string,
    usable: readonly PodEndpoint[],
    ready: readonly PodEndpoint[],
    wanted: {
      readonly backend: BackendRef
      readonly affinity: Affinity | undefined
      readonly cookie: string | undefined
      readonly hash: string | undefined
    },
  ): Picked | undefined => {
    const { backend, affinity, cookie, hash } = wanted
    const turn = turns.get(key) ?? 0
    turns.set(key, turn + 1)
    const staying = usable.filter(({ outgoing }) => outgoing !== true)
    const open = staying.length > 0 ? staying : usable
    const next = open[turn % open.length]
    if (next === undefined) return undefined
    if (affinity === undefined && hash === undefined) return { endpoint: next, cookie: undefined }
    const own = assignSlots(slots.get(key) ?? [], ready)
    slots.set(key, own)
    if (affinity === undefined) {
      const uid = own[ringSlot(hash ?? '', own)]
      const endpoint = open.find(one => one.uid === uid)
      return endpoint === undefined && doubts.isFirstAsked(uid ?? '')
        ? undefined
        : { endpoint: endpoint ?? next, cookie: undefined }
    }
    const suffix = affinityKey(backend)
    const idOf = (slot: number): string => (affinity.mode === 'persistent' ? digest(`${key} ${slot}`) : '')
    const given = cookie?.endsWith(`|${suffix}`) === true ? cookie.slice(0, -suffix.length - 1) : undefined
    if (given !== undefined) {
      const slot =
        affinity.mode === 'persistent' ? own.findIndex((_, at) => idOf(at) === given) : ringSlot(given, own)
      const kept = usable.find(({ uid }) => uid === own[slot])
      if (kept !== undefined) return { endpoint: kept, cookie: undefined }
      // Its pod is being asked for the first time: the session stays there, and the request waits.
      if (doubts.isFirstAsked(own[slot] ?? '')) return undefined
      // As there: a balanced cookie stays as it is, and leads to another pod.
      if (affinity.mode === 'balanced' && !affinity.changeOnFailure)
        return { endpoint: next, cookie: undefined }
    }
    const lead = (id: string) => open.find(({ uid }) => uid === own[ringSlot(id, own)])
    let id = affinity.mode === 'persistent' ? idOf(own.indexOf(next.uid)) : newKey()
    // A key whose pod takes no request just now would lead the next request elsewhere.
    for (let tries = 0; affinity.mode === 'balanced' && tries < KEYS && lead(id) === undefined; tries += 1)
      id = newKey()
    const endpoint = affinity.mode === 'persistent' ? next : (lead(id) ?? next)
    return { endpoint, cookie: `${affinity.cookie}=${id}|${suffix}; ${affinity.attributes}` }
  }

  return {
    get view() {
      return view
    },
    update: next => {
      view = next
      const ready = readyPods(next)
      const current = new Set(ready.map(processesOf))
      const uids = new Set(ready.map(({ uid }) => uid))
      for (const [key, { connections, of, uid }] of pools) {
        if (current.has(of)) continue
        pools.delete(key)
        connections.retire(uids.has(uid))
      }
      doubts.keep(uids)
      wakeAll()
    },
    pick: async wanted => {
      const { backend, begun, since, client } = wanted
      const key = backendText(backend)
      refs.set(key, backend)
      while (!client.isGone) {
        const { ready, coming } = view.backend(backend)
        const usable = ready.filter(({ uid }) => doubts.allows(uid))
        const picked = choose(key, usable, ready, wanted)
        if (picked !== undefined) {
          doubts.begin(picked.endpoint.uid, picked.endpoint.listens === true)
          return picked
        }
        const left = Math.min(since + PATIENCE, begun + LONGEST) - Date.now()
        if (left <= 0 || (ready.length === 0 && !coming)) return undefined
        // Where a pod may be asked, the request waits for its own one, and is woken by what becomes of that.
        const pause = usable.length > 0 ? left : doubts.pause(ready.map(({ uid }) => uid))
        await wait(Math.min(left, pause), client.signal)
      }
      return undefined
    },
    connection: (endpoint, { secure, isOwn, client }) => {
      if (client.isGone) return Promise.resolve(err(new Error('the client left')))
      const key = poolKey(endpoint, secure)
      const known = pools.get(key)?.connections
      const connections = known ?? createPodConnections(wanted => connect(endpoint, secure, wanted))
      if (known === undefined) pools.set(key, { connections, of: processesOf(endpoint), uid: endpoint.uid })
      return connections.take({ isOwn: isOwn || endpoint.restarting === true, client })
    },
    hasEnded: async ({ namespace, pod, port, uid }, client) => {
      if (!readyPods(view).some(ready => ready.uid === uid)) return true
      // Whoever makes the way to a pod asks that first. Watches tell it later.
      const way = await forward.open(
        { namespace, pod, port },
        AbortSignal.any([client.signal, AbortSignal.timeout(SOON)]),
      )
      if (way.ok) way.value.destroy()
      return !way.ok && way.error.kind === 'forward-refused'
    },
    refused: endpoint => {
      doubts.refused(endpoint.uid)
      const error = new Error(`${endpoint.pod} refuses connections`)
      for (const secure of [false, true]) pools.get(poolKey(endpoint, secure))?.connections.refuse(error)
      wakeAll()
    },
    answered: ({ uid }) => {
      if (doubts.answered(uid)) wakeAll()
    },
    abandoned: ({ uid }) => {
      doubts.abandoned(uid)
      wakeAll()
    },
    close: () => {
      for (const { connections } of pools.values()) connections.close()
      pools.clear()
      wakeAll()
    },
  }
}

const processesOf = ({ uid, processes = '' }: PodEndpoint): string => `${uid} ${processes}`

const poolKey = (endpoint: PodEndpoint, secure: boolean): string =>
  `${processesOf(endpoint)}:${endpoint.port}:${secure}`

const newKey = (): string => randomBytes(16).toString('hex')

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
