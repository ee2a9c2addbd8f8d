import { rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { err, ok } from '../../core/result.js'
import type { ControlChannel, ControlRequest } from '../../ports/control-channel.js'
import { parseRequest } from './parse-request.js'

/** Milliseconds that an owner has to answer: one that hangs is as good as none. */
const ANSWER_LIMIT = 5000

/** One JSON request a connection, answered by one line of JSON, over a unix socket or a Windows named pipe. */
export const socketChannel: ControlChannel = {
  async serve(path, answer) {
    // Only the owner of the lock serves: a socket that is still there was left by one that was killed.
    if (!path.startsWith('\\\\')) await rm(path, { force: true })
    const connections = new Set<Socket>()
    const server = createServer(socket => {
      connections.add(socket)
      socket.on('close', () => connections.delete(socket))
      socket.on('error', () => socket.destroy())
      const lines = createInterface({ input: socket })
      lines.on('error', () => socket.destroy())
      lines.once('line', line => socket.end(`${reply(line, answer)}\n`))
    })
    return new Promise(resolve => {
      server.once('error', error => resolve(err({ kind: 'state-unusable', path, message: error.message })))
      server.listen(path, () =>
        resolve(
          ok({
            close: () =>
              new Promise(closed => {
                server.close(() => closed())
                for (const socket of connections) socket.destroy()
              }),
          }),
        ),
      )
    })
  },

  ask(path, request) {
    return new Promise(resolve => {
      const socket = connect(path)
      const finish = (value: unknown): void => {
        socket.destroy()
        resolve(value)
      }
      socket.setTimeout(ANSWER_LIMIT, () => finish(undefined))
      socket.once('error', () => finish(undefined))
      socket.once('connect', () => socket.write(`${JSON.stringify(request)}\n`))
      const lines = createInterface({ input: socket })
      // The interface raises the socket's errors again.
      lines.once('error', () => finish(undefined))
      lines.once('line', line => finish(parse(line)))
      lines.once('close', () => finish(undefined))
    })
  },
}

function reply(line: string, answer: (request: ControlRequest) => unknown): string {
  const request = parseRequest(parse(line))
  return JSON.stringify(request === undefined ? { error: 'unknown request' } : answer(request))
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
