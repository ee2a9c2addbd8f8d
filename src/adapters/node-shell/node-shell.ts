import { PassThrough } from 'node:stream'
import type Docker from 'dockerode'

/** A script as it runs on a node: one exec that stays open, for starting one takes a tenth of a second. */
export interface NodeShell {
  /** Sends one request and resolves with what answers it, without the mark; rejects when the connection ends before. One request at a time. */
  ask(request: AsyncIterable<Uint8Array | string>): Promise<string>
  readonly closed: boolean
  /** Ends it, also in the middle of a request. */
  close(): void
}

/** Milliseconds from the start of a script to its first words. */
const READY_LIMIT = 10_000

/** What runs: a POSIX shell's script that says `ready` when it begins, and ends each answer with `mark`, which no answer has in it. */
export interface NodeScript {
  readonly text: string
  readonly args: readonly string[]
  readonly mark: string
}

/** Starts a script in a node's container. Rejects where the engine has no such container or it has no shell. */
export async function openNodeShell(docker: Docker, node: string, script: NodeScript): Promise<NodeShell> {
  const exec = await docker.getContainer(node).exec({
    Cmd: ['sh', '-c', script.text, 'sh', ...script.args],
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
  let waiting: { resolve(answer: string): void; reject(error: Error): void } | undefined
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
    const end = said.indexOf(script.mark)
    if (end === -1 || waiting === undefined) return
    const { resolve } = waiting
    waiting = undefined
    const answer = said.slice(0, end)
    said = said.slice(end + script.mark.length)
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
  const tooLate = setTimeout(close, READY_LIMIT)
  const ready = await answered().finally(() => clearTimeout(tooLate))
  if (ready.trim() !== 'ready') {
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
