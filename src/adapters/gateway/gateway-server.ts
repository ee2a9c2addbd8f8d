import http from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { GatewayFailed } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { Gateway } from '../../ports/gateway.js'
import type { ProcessRunner } from '../../ports/process-runner.js'
import { answerRequest, type ServerContext } from './answer-request.js'
import { answerUpgrade } from './answer-upgrade.js'
import { portOwner } from './port-owner.js'
import { createUpstreams } from './upstreams.js'

export interface GatewayServerOptions {
  readonly platform: NodeJS.Platform
  /** Asked who has a port. */
  readonly runner: ProcessRunner
}

/** Serves at 127.0.0.1 and, where this machine has it, at ::1. */
export function createGateway({ platform, runner }: GatewayServerOptions): Gateway {
  return {
    async open({ port: wanted, view, forward }) {
      const upstreams = createUpstreams(view, forward)
      let port = wanted
      const context: ServerContext = { upstreams, port: () => port }
      const sockets = new Set<Socket>()
      const serve = () => createServer(context, sockets)
      const first = serve()
      const listening = await listen(first, '127.0.0.1', wanted)
      if (!listening.ok) {
        upstreams.close()
        const { error } = listening
        const owner = error.code === 'EADDRINUSE' ? await portOwner(wanted, { platform, runner }) : undefined
        return err(failure(wanted, error, owner))
      }
      port = listening.value
      const second = serve()
      // A machine without IPv6 has no ::1, and browsers there do not ask for it.
      const sixth = await listen(second, '::1', port)
      return ok({
        port,
        update: next => upstreams.update(next),
        close: async () => {
          const ended = Promise.all([closed(first), sixth.ok ? closed(second) : undefined])
          for (const socket of sockets) socket.destroy()
          upstreams.close()
          await ended
        },
      })
    },
  }
}

function createServer(context: ServerContext, sockets: Set<Socket>): http.Server {
  const server = http.createServer({
    // Uploads take the time that they take.
    requestTimeout: 0,
    keepAliveTimeout: 75_000,
    maxHeaderSize: 32 << 10,
  })
  const answer = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    response.on('error', () => response.destroy())
    answerRequest(context, request, response).catch(() => response.destroy())
  }
  server.on('request', answer)
  // The limit of the body is looked at before the client is told to go on.
  server.on('checkContinue', answer)
  server.on('upgrade', (request, socket, head) => {
    answerUpgrade(context, request, socket, head).catch(() => socket.destroy())
  })
  server.on('connection', socket => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('close', () => sockets.delete(socket))
  })
  return server
}

function listen(
  server: http.Server,
  host: string,
  port: number,
): Promise<Result<number, NodeJS.ErrnoException>> {
  return new Promise(resolve => {
    server.once('error', error => resolve(err(error)))
    server.listen({ host, port }, () => resolve(ok((server.address() as AddressInfo).port)))
  })
}

const closed = (server: http.Server): Promise<void> => new Promise(resolve => server.close(() => resolve()))

function failure(
  port: number,
  { code, message }: NodeJS.ErrnoException,
  owner: GatewayFailed['owner'],
): GatewayFailed {
  const reason = code === 'EADDRINUSE' ? 'taken' : code === 'EACCES' ? 'rights' : 'other'
  return { kind: 'gateway-failed', port, reason, message, ...(owner === undefined ? {} : { owner }) }
}
