import type { WebSocket } from 'ws'
import { err, ok, type Result } from '../../core/result.js'
import { parseStatus } from './api-status.js'
import type { KubeHttp } from './http-client.js'

/** One connection to one port, with channels 0 for data and 1 for what went wrong. Each begins with the number of the port. */
const PROTOCOL = 'v4.channel.k8s.io'
const DATA = 0
const ERROR = 1

/** Milliseconds without a word of an error after which the connection counts as taken: a refusal comes at once, and many protocols wait for the client. */
const QUIET = 700

/** Whether a container of a pod takes connections at a port: by a port-forward that sends nothing. */
export async function podListens(
  http: KubeHttp,
  {
    namespace,
    pod,
    port,
    signal,
  }: {
    readonly namespace: string
    readonly pod: string
    readonly port: number
    readonly signal: AbortSignal
  },
): Promise<Result<void, string>> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/portforward?ports=${port}`
  const opened = await http.socket({ path, protocols: [PROTOCOL], signal })
  if (!opened.ok) return err(opened.error.kind === 'cancelled' ? 'the check was ended' : opened.error.message)
  if (opened.value.type === 'refused')
    return err(parseStatus(opened.value.body)?.message ?? `the API server answered ${opened.value.status}`)
  return watchSocket(opened.value.socket, signal)
}

function watchSocket(socket: WebSocket, signal: AbortSignal): Promise<Result<void, string>> {
  return new Promise(resolve => {
    const begun = new Set<number>()
    const settle = (result: Result<void, string>) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      socket.off('message', take)
      socket.off('close', closed)
      socket.terminate()
      resolve(result)
    }
    const abort = () => settle(err('the check was ended'))
    const closed = () => settle(err('the connection was closed at once'))
    const take = (data: unknown) => {
      const frame = Buffer.isBuffer(data) ? data : Buffer.alloc(0)
      const [channel = DATA] = frame
      if (!begun.has(channel)) {
        begun.add(channel)
        return
      }
      if (channel === ERROR) settle(err(frame.subarray(1).toString('utf8').trim()))
      else if (frame.length > 1) settle(ok(undefined))
    }
    const timer = setTimeout(() => settle(ok(undefined)), QUIET)
    socket.on('message', take)
    socket.on('close', closed)
    // What comes after the socket was ended is no news.
    socket.on('error', () => {})
    signal.addEventListener('abort', abort, { once: true })
    socket.resume()
  })
}
