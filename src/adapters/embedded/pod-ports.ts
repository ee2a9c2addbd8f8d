import { readFile } from 'node:fs/promises'
import type { ContainerPort } from '../../core/embedded/container-ports.js'
import { sleep } from '../kubernetes/retry.js'
import type { PortOwner } from '../process/port-owner.js'
import { isFree, type LocalAddress, listenerAt } from './free-port.js'

export interface AssignedPort extends ContainerPort {
  /** The port of this machine that the program is told to listen at. */
  readonly local: number
}

/** The ports of one container, run after run. */
export interface PodPorts {
  assigned(): readonly AssignedPort[]
  /** Before each run: numbers that somebody else has taken meanwhile are given anew. */
  prepare(): Promise<void>
  /** Looks for where the program listens until it does at every port, or the signal is aborted. */
  watch(leader: number, signal: AbortSignal): void
  /** Where connections to a port of the pod go. */
  addressOf(port: number): LocalAddress
  /** Resolves when the program takes connections at a port; undefined where nobody looks for that. Of the present run. */
  opened(port: number): Promise<void> | undefined
  /** Whether the program takes connections at every port that it declares. */
  areOpen(): boolean
  /** The ports at which it takes none. */
  closed(): readonly AssignedPort[]
}

export interface PodPortsOptions {
  readonly ports: readonly ContainerPort[]
  readonly freePort: () => Promise<number>
  readonly platform: NodeJS.Platform
  readonly ownerOf: (port: number, likely: number) => Promise<PortOwner | undefined>
  /** The program listens at the number that its container declares, whatever it was told. */
  readonly onFixed: (port: number) => void
  readonly onOpen: () => void
}

/** Milliseconds between two looks, by how long it has been looked for: closely while a program starts, hardly any more once it seems not to listen. */
const pauseAfter = (elapsed: number): number =>
  elapsed < 3000 ? 10 : elapsed < 15_000 ? 50 : elapsed < 60_000 ? 250 : 2000
const GIVE_UP_AFTER = 600_000

export function createPodPorts(options: PodPortsOptions): PodPorts {
  const { ports, freePort, platform, ownerOf, onFixed, onOpen } = options
  const locals = new Map<number, number>()
  /** Declared numbers that nobody listened at before the program started. */
  const vacant = new Set<number>()
  const found = new Map<number, LocalAddress>()
  const waiting = new Map<number, (() => void)[]>()

  const look = async (port: number, leader: number): Promise<LocalAddress | undefined> => {
    const told = await listenerAt(locals.get(port) ?? 0)
    if (told !== undefined || !vacant.has(port)) return told
    const own = await listenerAt(port)
    return own !== undefined && (await isOwn(port, leader)) ? own : undefined
  }
  /** Of two programs that both want this number, one has it. Where the system does not tell whose it is, it is taken for the one that looks. */
  const isOwn = async (port: number, leader: number): Promise<boolean> => {
    if (platform !== 'linux') return true
    const owner = await ownerOf(port, leader)
    return owner === undefined || (await groupOf(owner.pid)) === leader
  }

  const lookOn = async (leader: number, signal: AbortSignal): Promise<void> => {
    const since = performance.now()
    while (!signal.aborted) {
      for (const { containerPort } of ports) {
        if (found.has(containerPort)) continue
        const address = await look(containerPort, leader)
        if (signal.aborted) return
        if (address === undefined) continue
        found.set(containerPort, address)
        for (const resolve of waiting.get(containerPort)?.splice(0) ?? []) resolve()
        if (address.port !== locals.get(containerPort)) onFixed(containerPort)
        if (found.size === ports.length) return onOpen()
      }
      const elapsed = performance.now() - since
      if (elapsed > GIVE_UP_AFTER) return
      await sleep(pauseAfter(elapsed), signal)
    }
  }

  const assigned = (): readonly AssignedPort[] =>
    ports.map(port => ({ ...port, local: locals.get(port.containerPort) ?? port.containerPort }))

  return {
    assigned,
    closed: () => assigned().filter(({ containerPort }) => !found.has(containerPort)),
    prepare: async () => {
      found.clear()
      vacant.clear()
      waiting.clear()
      for (const { containerPort } of ports) {
        const local = locals.get(containerPort)
        if (local === undefined || !(await isFree(local))) locals.set(containerPort, await freePort())
        if ((await listenerAt(containerPort)) === undefined) vacant.add(containerPort)
      }
    },
    watch: (leader, signal) => {
      if (ports.length > 0) void lookOn(leader, signal)
    },
    addressOf: port => found.get(port) ?? { host: '127.0.0.1', port: locals.get(port) ?? port },
    opened: port =>
      ports.some(({ containerPort }) => containerPort === port)
        ? new Promise(resolve => {
            if (found.has(port)) return resolve()
            waiting.set(port, [...(waiting.get(port) ?? []), resolve])
          })
        : undefined,
    areOpen: () => found.size === ports.length,
  }
}

/** By proc(5): after the name in parentheses come the state, the parent and the group. */
async function groupOf(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const [, , group] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return group === undefined ? undefined : Number(group)
}
