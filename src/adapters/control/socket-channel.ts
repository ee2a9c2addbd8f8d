import { rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { err, ok } from '../../core/result.js'
import type { Answer, ControlChannel } from '../../ports/control-channel.js'
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
      const gone = new AbortController()
      socket.on('close', () => {
        connections.delete(socket)
        gone.abort()
      })
      socket.on('error', () => socket.destroy())
      const lines = createInterface({ input: socket })
      lines.on('error', () => socket.destroy())
      lines.once('line', line => void reply(socket, { line, answer, signal: gone.signal }))
    })
    return new Promise(resolve => {
      // Also later: a connection that this process has no descriptor for is an error of the server, and ends nothing.
      server.on('error', error => resolve(err({ kind: 'state-unusable', path, message: error.message })))
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

  ask(path, request, options = {}) {
    const { signal } = options
    const patience = 'patience' in options ? options.patience : ANSWER_LIMIT
    return new Promise(resolve => {
      const socket = connect(path)
      const onAbort = (): void => finish(undefined)
      const finish = (value: unknown): void => {
        signal?.removeEventListener('abort', onAbort)
        socket.destroy()
        resolve(value)
      }
      if (signal?.aborted === true) return finish(undefined)
      signal?.addEventListener('abort', onAbort)
      if (patience !== undefined) socket.setTimeout(patience, () => finish(undefined))
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

interface Asked {
  readonly line: string
  readonly answer: Answer
  readonly signal: AbortSignal
}

async function reply(socket: Socket, { line, answer, signal }: Asked): Promise<void> {
  const request = parseRequest(parse(line))
  try {
    const value = request === undefined ? { error: 'unknown request' } : await answer(request, signal)
    if (!socket.destroyed) socket.end(`${JSON.stringify(value ?? null)}\n`)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (!socket.destroyed) socket.end(`${JSON.stringify({ error: message })}\n`)
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
