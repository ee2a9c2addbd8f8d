import { chmod, mkdir, rm } from 'node:fs/promises'
import net from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { coversLabels } from '../../core/routes/request-host.js'

/** Another devloop that serves names through the port of this one. */
export interface Peer {
  /** Its server, on a socket of its own. */
  readonly socket: string
  readonly names: readonly string[]
}

/** Where devloops of one user meet about a port; a named pipe on Windows. */
export function meetingPlace(folder: string, port: number, platform: NodeJS.Platform): string {
  return platform === 'win32' ? `\\\\.\\pipe\\devloop-gateway-${port}` : join(folder, `gateway-${port}.sock`)
}

export interface PeerList {
  find(name: string): Peer | undefined
  close(): void
}

/** Takes in the devloops that come after. The owner of the port is alone in calling this, so what lies at the place is left over. */
export async function takeInPeers(place: string): Promise<PeerList> {
  const peers = new Map<net.Socket, Peer>()
  const server = net.createServer(connection => {
    connection.on('error', () => connection.destroy())
    connection.on('close', () => peers.delete(connection))
    // The reader tells of errors of what it reads as well.
    const lines = createInterface({ input: connection }).on('error', () => {})
    lines.on('line', line => {
      const peer = readPeer(line)
      if (peer === undefined) return void connection.destroy()
      peers.set(connection, peer)
      connection.write('ok\n')
    })
  })
  if (!place.startsWith('\\\\')) {
    await mkdir(join(place, '..'), { recursive: true, mode: 0o700 })
    await rm(place, { force: true })
  }
  await new Promise<void>(resolve => {
    // Without a place to meet, nobody else shares the port: no more is lost.
    server.on('error', () => resolve())
    server.listen(place, resolve)
  })
  if (server.listening && !place.startsWith('\\\\')) await chmod(place, 0o600).catch(() => {})
  return {
    find: name =>
      [...peers.values()].find(({ names }) => names.includes(name)) ??
      [...peers.values()].find(({ names }) => names.some(pattern => coversLabels(pattern, name))),
    close: () => {
      server.close()
      for (const connection of peers.keys()) connection.destroy()
    },
  }
}

export interface Membership {
  tell(names: readonly string[]): void
  /** Resolves when the owner of the port is gone, or after `leave`. */
  readonly ended: Promise<void>
  leave(): void
}

/** Joins the devloop that has the port; undefined where none answers. */
export function joinOwner(place: string, own: Peer): Promise<Membership | undefined> {
  return new Promise(resolve => {
    const connection = net.connect(place)
    connection.on('error', () => resolve(undefined))
    const ended = new Promise<void>(end => {
      connection.on('close', () => end())
    })
    const tell = (names: readonly string[]): void => {
      connection.write(`${JSON.stringify({ socket: own.socket, names })}\n`)
    }
    connection.once('connect', () => tell(own.names))
    createInterface({ input: connection })
      .on('error', () => {})
      .once('line', () => resolve({ tell, ended, leave: () => connection.destroy() }))
      .once('close', () => resolve(undefined))
  })
}

function readPeer(line: string): Peer | undefined {
  try {
    const { socket, names } = JSON.parse(line) as { readonly socket?: unknown; readonly names?: unknown }
    if (typeof socket !== 'string' || !Array.isArray(names)) return undefined
    return { socket, names: names.map(String) }
  } catch {
    return undefined
  }
}
