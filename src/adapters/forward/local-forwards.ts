import net, { type AddressInfo, type Socket } from 'node:net'
import type { ForwardFailed } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { LocalForwardOptions, LocalForwards, OpenLocalForward } from '../../ports/local-forwards.js'
import type { ProcessRunner } from '../../ports/process-runner.js'
import { type AtLoopback, atLoopback, type Listener } from '../process/at-loopback.js'
import { portOwner } from '../process/port-owner.js'
import { joinPod } from './join-pod.js'
import { createPodTurns } from './pod-chooser.js'

export interface LocalForwardsOptions {
  readonly platform: NodeJS.Platform
  /** Asked who has a port. */
  readonly runner: ProcessRunner
}

/** Listens in this process; each connection goes to a pod of its own choosing. */
export function createLocalForwards({ platform, runner }: LocalForwardsOptions): LocalForwards {
  const failure = async (
    { target }: LocalForwardOptions,
    port: number,
    { code, message }: NodeJS.ErrnoException,
  ): Promise<ForwardFailed> => {
    const reason = reasonOf(code)
    const owner = reason === 'taken' ? await portOwner(port, { platform, runner }) : undefined
    return {
      kind: 'forward-failed',
      target,
      port,
      reason,
      message,
      ...(owner === undefined ? {} : { owner }),
    }
  }
  return {
    async open(options) {
      const turns = createPodTurns(options.backend)
      const connections = new Set<Socket>()
      const take = (socket: Socket): void => {
        connections.add(socket)
        socket.once('close', () => connections.delete(socket))
        // Its end follows, and says all that there is to do.
        socket.on('error', () => {})
        socket.setNoDelay(true)
        void joinPod(socket, turns, options.forward).then(isJoined => {
          if (!isJoined) options.onRefused(turns.backend.notes)
        })
      }
      let passedOver: { readonly port: number; readonly error: NodeJS.ErrnoException } | undefined
      for (const port of options.ports) {
        const listening = await listen(port, options.address, take)
        if (!listening.ok) {
          passedOver ??= { port, error: listening.error }
          continue
        }
        const { listeners, port: bound } = listening.value
        return ok<OpenLocalForward>({
          port: bound,
          passedOver:
            passedOver === undefined ? undefined : await failure(options, passedOver.port, passedOver.error),
          update: turns.update,
          close: async () => {
            const ended = Promise.all(listeners.map(({ close }) => close()))
            turns.close()
            for (const socket of connections) socket.destroy()
            await ended
          },
        })
      }
      turns.close()
      const { port, error } = passedOver ?? { port: 0, error: new Error('there is no port to try') }
      return err(await failure(options, port, error))
    },
  }
}

function reasonOf(code: string | undefined): ForwardFailed['reason'] {
  switch (code) {
    case 'EADDRINUSE':
      return 'taken'
    case 'EACCES':
      return 'rights'
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return 'address'
    default:
      return 'other'
  }
}

async function listen(
  port: number,
  address: string | undefined,
  onConnection: (socket: Socket) => void,
): Promise<Result<AtLoopback<Listener>, NodeJS.ErrnoException>> {
  if (address === undefined) return atLoopback(port, where => listenAt(where, onConnection))
  const one = await listenAt({ host: address, port }, onConnection)
  return one.ok ? ok({ port: one.value.port, listeners: [one.value] }) : one
}

function listenAt(
  where: { readonly host: string; readonly port: number },
  onConnection: (socket: Socket) => void,
): Promise<Result<Listener, NodeJS.ErrnoException>> {
  return new Promise(resolve => {
    // Paused until a pod is there: what a client says meanwhile stays with the system, and holds the client back.
    const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, onConnection)
    // Also later: a connection that this process has no descriptor for is an error of the server, and ends nothing.
    server.on('error', error => resolve(err(error)))
    try {
      server.listen({ ...where, exclusive: true }, () =>
        resolve(ok({ port: (server.address() as AddressInfo).port, close: () => close(server) })),
      )
    } catch (error) {
      // What is no port is refused at once.
      resolve(err(error instanceof Error ? error : new Error(String(error))))
    }
  })
}

const close = (server: net.Server): Promise<void> =>
  new Promise(resolve => {
    server.close(() => resolve())
  })
