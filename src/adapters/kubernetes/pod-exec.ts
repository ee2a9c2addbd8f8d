import type { RawData, WebSocket } from 'ws'
import { cancelled } from '../../core/problem.js'
import { err, type Result } from '../../core/result.js'
import type {
  ExecOptions,
  ExecProblem,
  ExecSink,
  ExecTarget,
  PodExec,
  TerminalSize,
} from '../../ports/pod-exec.js'
import type { KubeHttp } from './http-client.js'
import { bytesOf } from './open-socket.js'
import { execEnd, execFailed, execRefusal } from './pod-exec-status.js'
import { podPath } from './pod-logs-place.js'

/** https://github.com/kubernetes/kubernetes/blob/v1.34.0/staging/src/k8s.io/apimachinery/pkg/util/remotecommand/constants.go */
const HALF_CLOSE = 'v5.channel.k8s.io'
const PROTOCOLS = [HALF_CLOSE, 'v4.channel.k8s.io']

const STDIN = 0
const STDOUT = 1
const STDERR = 2
const STATUS = 3
const RESIZE = 4
const CLOSE = 255

/** Bytes of input in one frame, as kubectl sends them. */
const FRAME = 32_768

/** Milliseconds between two pings, and without any answer after which the connection is given up. */
const PING = 10_000
const SILENCE = 60_000

/**
 * Runs programs over the API server's WebSocket. A server older than Kubernetes 1.29 speaks v4 only, in which the end of standard input cannot be
 * told: a program that reads to its end waits there until the signal aborts.
 */
export function createPodExec({ http }: { readonly http: Pick<KubeHttp, 'socket'> }): PodExec {
  return {
    async exec(target, argv, options = {}) {
      const { signal, stdin, tty } = options
      const query = new URLSearchParams({ container: target.container, stdout: 'true' })
      if (stdin !== undefined) query.set('stdin', 'true')
      if (tty === undefined) query.set('stderr', 'true')
      else query.set('tty', 'true')
      for (const word of argv) query.append('command', word)
      const opened = await http.socket({
        path: `${podPath(target)}/exec?${query}`,
        protocols: PROTOCOLS,
        ...(signal === undefined ? {} : { signal }),
      })
      if (!opened.ok) return opened
      if (opened.value.type === 'refused') return err(execRefusal(argv, target, opened.value))
      return converse(opened.value.socket, { target, argv }, options)
    },
  }
}

/** Carries the streams until the program's end has come, or the connection's. */
function converse(
  socket: WebSocket,
  { target, argv }: { readonly target: ExecTarget; readonly argv: readonly string[] },
  { stdin, onStdout, onStderr, tty, signal }: ExecOptions,
): Promise<Result<{ readonly exitCode: number }, ExecProblem>> {
  return new Promise((resolve, reject) => {
    let status = ''
    let failure: Error | undefined
    let bug: unknown
    let heard = Date.now()
    /** Output that was handed on and is not yet taken. */
    let taking: Promise<void> | undefined
    const over = new AbortController()

    const take = (sink: ExecSink | undefined, chunk: Uint8Array): void => {
      if (sink === undefined || chunk.length === 0 || bug !== undefined) return
      const hand = () => sink(chunk)
      const taken = taking === undefined ? guard(hand) : taking.then(() => guard(hand))
      if (taken === undefined) return
      if (!socket.isPaused) socket.pause()
      const mine = Promise.resolve(taken).finally(() => {
        if (taking !== mine) return
        taking = undefined
        heard = Date.now()
        socket.resume()
      })
      taking = mine
    }

    /** A sink that throws is a defect, and ends the connection. */
    const guard = (hand: () => void | Promise<void>): void | Promise<void> => {
      const fail = (error: unknown) => {
        bug ??= error
        socket.terminate()
      }
      try {
        return hand()?.catch(fail)
      } catch (error) {
        fail(error)
      }
    }

    socket.on('message', (data: RawData) => {
      heard = Date.now()
      const bytes = bytesOf(data)
      const body = bytes.subarray(1)
      switch (bytes[0]) {
        case STDOUT:
          return take(onStdout, body)
        case STDERR:
          return take(onStderr, body)
        case STATUS:
          status += body.toString('utf8')
          return
        default:
          return
      }
    })
    socket.on('pong', () => {
      heard = Date.now()
    })
    socket.on('error', error => {
      failure = error
    })
    const beat = setInterval(() => {
      if (Date.now() - heard > SILENCE && taking === undefined) return socket.terminate()
      if (socket.readyState === socket.OPEN) socket.ping()
    }, PING)
    const abort = () => socket.terminate()
    signal?.addEventListener('abort', abort, { once: true })
    const offResize = tty?.onResize(size => resize(socket, size))

    socket.on('close', async () => {
      clearInterval(beat)
      signal?.removeEventListener('abort', abort)
      offResize?.()
      over.abort()
      await taking
      if (bug !== undefined) return reject(bug)
      if (status !== '') return resolve(execEnd(argv, target, status))
      if (signal?.aborted) return resolve(err(cancelled))
      const why = failure === undefined ? '' : `: ${failure.message}`
      resolve(
        err(execFailed(argv, `The connection ended before the program did${why}. Its pod may be gone.`)),
      )
    })

    if (tty !== undefined) resize(socket, tty)
    if (stdin !== undefined) {
      feed(socket, stdin, over.signal).catch((error: unknown) => {
        bug ??= error
        socket.terminate()
      })
    }
    if (signal?.aborted) abort()
    socket.resume()
  })
}

/** Sends all of the input, each frame when the one before is on its way, and then its end. Input that fails is a defect of its maker. */
async function feed(
  socket: WebSocket,
  stdin: AsyncIterable<Uint8Array | string>,
  over: AbortSignal,
): Promise<void> {
  const input = stdin[Symbol.asyncIterator]()
  const ended = new Promise<{ readonly done: true }>(resolve =>
    over.addEventListener('abort', () => resolve({ done: true }), { once: true }),
  )
  for (;;) {
    const next = await Promise.race([input.next(), ended])
    if (over.aborted) {
      // A reader of a terminal waits for a key; its end must not be waited for.
      void input.return?.()
      return
    }
    if (next.done === true) break
    const bytes = Buffer.from(next.value as Uint8Array)
    for (let at = 0; at < bytes.length; at += FRAME) {
      if (!(await send(socket, STDIN, bytes.subarray(at, at + FRAME)))) return
    }
  }
  if (socket.protocol === HALF_CLOSE) await send(socket, CLOSE, Buffer.of(STDIN))
}

/** Resolves when the frame left this process: false where the connection is no more. */
function send(socket: WebSocket, channel: number, body: Uint8Array): Promise<boolean> {
  return new Promise(resolve => {
    if (socket.readyState !== socket.OPEN) return resolve(false)
    socket.send(Buffer.concat([Buffer.of(channel), body]), error =>
      resolve(error === undefined || error === null),
    )
  })
}

function resize(socket: WebSocket, { columns, rows }: TerminalSize): void {
  void send(socket, RESIZE, Buffer.from(JSON.stringify({ Width: columns, Height: rows })))
}
