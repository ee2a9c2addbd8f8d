import { PassThrough } from 'node:stream'
import type Docker from 'dockerode'
import { WRITE_SCRIPT } from './write-script.js'

/** The script as it runs on a node: one exec that stays open, for starting one takes a tenth of a second. */
export interface NodeShell {
  /** Sends one request and resolves with the line that answers it; rejects when the connection ends before. */
  ask(request: AsyncIterable<Uint8Array | string>): Promise<string>
  readonly closed: boolean
  /** Ends it, also in the middle of a request. */
  close(): void
}

/** Starts the script in a node's container. Rejects where the engine has no such container or it has no shell. */
export async function openNodeShell(docker: Docker, node: string): Promise<NodeShell> {
  const exec = await docker.getContainer(node).exec({
    Cmd: ['sh', '-c', WRITE_SCRIPT, 'sh', 'node'],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
  })
  const socket = await exec.start({ hijack: true, stdin: true })
  const output = new PassThrough()
  const errors = new PassThrough()
  docker.modem.demuxStream(socket, output, errors)
  let closed = false
  let said = ''
  let complaint = ''
  let waiting: { resolve(line: string): void; reject(error: Error): void } | undefined
  const end = (): void => {
    closed = true
    waiting?.reject(new Error(`the connection to node ${node} ended: ${complaint.trim().slice(-200)}`))
    waiting = undefined
  }
  for (const event of ['end', 'close', 'error'] as const) socket.once(event, end)
  // Who ended it hears of it by `end`; a second error has nobody left to tell.
  socket.on('error', () => {})
  errors.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk}`.slice(-1000)
  })
  output.on('data', (chunk: Buffer) => {
    said += String(chunk)
    const line = said.indexOf('\n')
    if (line === -1 || waiting === undefined) return
    const { resolve } = waiting
    waiting = undefined
    const answer = said.slice(0, line)
    said = said.slice(line + 1)
    resolve(answer)
  })
  const answered = (): Promise<string> =>
    new Promise((resolve, reject) => {
      if (closed) reject(new Error(`the connection to node ${node} has ended`))
      else waiting = { resolve, reject }
    })
  const close = (): void => {
    socket.end()
    socket.destroy()
    end()
  }
  const ready = await answered()
  if (ready !== 'ready') {
    close()
    throw new Error(`node ${node} answered: ${ready}`)
  }
  return {
    get closed() {
      return closed
    },
    close,
    ask: async request => {
      const answer = answered()
      // Whoever sends may fail before anybody waits for the answer.
      answer.catch(() => undefined)
      for await (const chunk of request) {
        if (closed) break
        if (!socket.write(chunk)) await drained(socket)
      }
      return answer
    },
  }
}

function drained(socket: NodeJS.ReadWriteStream): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      for (const event of ['drain', 'close', 'error']) socket.off(event, done)
      resolve()
    }
    for (const event of ['drain', 'close', 'error']) socket.on(event, done)
  })
}
