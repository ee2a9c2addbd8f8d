import { randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo, ListenOptions, Socket } from 'node:net'
import { join } from 'node:path'
import { memo } from '../../core/memo.js'
import { err, ok, type Result } from '../../core/result.js'
import { coversLabels, requestHost } from '../../core/routes/request-host.js'
import { servedNames } from '../../core/routes/served-names.js'
import { atLoopback } from '../process/at-loopback.js'
import { answerRequest, type ServerContext } from './answer-request.js'
import { answerUpgrade } from './answer-upgrade.js'
import { declineHttp2, offersHttp2 } from './decline-http2.js'
import { answerMalformed } from './malformed.js'
import { joinOwner, type Peer, type PeerList, takeInPeers } from './peers.js'
import { relayRequest, relayUpgrade } from './relay.js'

/** A way in which requests come to this process. */
export interface Place {
  readonly port: number
  /** Resolves when requests come this way no more, because the owner of the port ended. */
  readonly lost: Promise<void>
  tell(names: readonly string[]): void
  close(): Promise<void>
}

export interface PlaceOptions {
  readonly port: number
  /** Undefined where the port is shared with nobody. */
  readonly meeting: string | undefined
  readonly folder: string
  readonly platform: NodeJS.Platform
}

/** Takes the port, or a place with the devloop that has it. Fails as the port did. */
export async function takePlace(
  context: ServerContext,
  options: PlaceOptions,
): Promise<Result<Place, NodeJS.ErrnoException>> {
  const owned = await ownPort(context, options)
  if (owned.ok || owned.error.code !== 'EADDRINUSE' || options.meeting === undefined) return owned
  const shared = await sharePort(context, options, options.meeting)
  return shared === undefined ? owned : ok(shared)
}

/** Asked for every request; a table is replaced as a whole. */
const namesOf = memo(servedNames)

async function ownPort(
  context: ServerContext,
  { port: wanted, meeting }: PlaceOptions,
): Promise<Result<Place, NodeJS.ErrnoException>> {
  let peers: PeerList | undefined
  const peerOf = (request: http.IncomingMessage): Peer | undefined => {
    const name = peers === undefined ? undefined : requestHost(request.headers.host ?? '')?.name
    if (name === undefined) return undefined
    const own = namesOf(context.upstreams.view.table)
    return own.includes(name) || own.some(pattern => coversLabels(pattern, name))
      ? undefined
      : peers?.find(name)
  }
  const listening = await atLoopback(wanted, async where => {
    const server = createServer(context, peerOf)
    const bound = await server.listen(where)
    return bound.ok ? ok({ port: bound.value, close: server.close }) : bound
  })
  if (!listening.ok) return listening
  const { port, listeners } = listening.value
  if (meeting !== undefined) peers = await takeInPeers(meeting)
  return ok({
    port,
    lost: new Promise(() => {}),
    tell: () => {},
    close: async () => {
      const ended = Promise.all(listeners.map(({ close }) => close()))
      // After the port: whoever is told that it is free finds it so.
      await ended
      peers?.close()
    },
  })
}

async function sharePort(
  context: ServerContext,
  { port, folder, platform }: PlaceOptions,
  meeting: string,
): Promise<Place | undefined> {
  const name = `gateway-${port}-${randomBytes(4).toString('hex')}`
  const path = platform === 'win32' ? `\\\\.\\pipe\\devloop-${name}` : join(folder, `${name}.sock`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const server = createServer(context, () => undefined)
  const listening = await server.listen({ path })
  if (!listening.ok) return undefined
  const close = async (): Promise<void> => {
    await server.close()
    if (platform !== 'win32') await rm(path, { force: true })
  }
  const names = servedNames(context.upstreams.view.table)
  const membership = await joinOwner(meeting, { socket: path, names })
  if (membership === undefined) {
    await close()
    return undefined
  }
  return {
    port,
    lost: membership.ended,
    tell: membership.tell,
    close: async () => {
      membership.leave()
      await close()
    },
  }
}

/** Bytes of the headers of a request: four lines of 8 kB, as ingress-nginx has it. */
const HEADERS = 32 << 10

interface Server {
  listen(where: ListenOptions): Promise<Result<number, NodeJS.ErrnoException>>
  /** Ends every connection. */
  close(): Promise<void>
}

function createServer(
  context: ServerContext,
  peerOf: (request: http.IncomingMessage) => Peer | undefined,
): Server {
  const sockets = new Set<Socket>()
  const server = http.createServer({
    // Uploads take the time that they take.
    requestTimeout: 0,
    keepAliveTimeout: 75_000,
    maxHeaderSize: HEADERS,
  })
  const answer = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    response.on('error', () => response.destroy())
    const peer = peerOf(request)
    if (peer !== undefined) relayRequest(peer.socket, request, response)
    else answerRequest(context, request, response).catch(() => response.destroy())
  }
  answerMalformed(server, { headers: HEADERS })
  server.on('request', answer)
  // The limit of the body is looked at before the client is told to go on.
  server.on('checkContinue', answer)
  server.on('upgrade', (request, socket, head) => {
    if (offersHttp2(request)) {
      declineHttp2(server, request, socket, head)
      return
    }
    const peer = peerOf(request)
    if (peer !== undefined) relayUpgrade(peer.socket, request, socket, head)
    else answerUpgrade(context, request, socket, head).catch(() => socket.destroy())
  })
  // Without a listener Node ends the connection without a word.
  server.on('connect', (_request, socket) => {
    socket.on('error', () => socket.destroy())
    socket.end('HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  })
  server.on('connection', socket => {
    // One that offered HTTP/2 comes again.
    if (sockets.has(socket)) return
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('close', () => sockets.delete(socket))
  })
  return {
    listen: where =>
      new Promise(resolve => {
        // Also later: a connection that this process has no descriptor for is an error of the server, and ends nothing.
        server.on('error', error => resolve(err(error)))
        server.listen(where, () => {
          const address = server.address()
          resolve(ok(typeof address === 'object' ? ((address as AddressInfo | null)?.port ?? 0) : 0))
        })
      }),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
