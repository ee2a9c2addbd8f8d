import http from 'node:http'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import type { NetworkProbe } from '../../core/network-probe.js'
import type { PodForward } from '../../ports/pod-forward.js'
import type { PodProbe } from '../../ports/pod-probe.js'

/** Milliseconds without a word after which a connection counts as taken: a refusal comes at once, and many protocols wait for the client. */
const QUIET = 300

/** Asks pods by connections to their ports. */
export function createPodProbe(forward: PodForward): PodProbe {
  return {
    async passes({ namespace, pod, probes }, signal) {
      for (const probe of probes) {
        const either = AbortSignal.any([signal, AbortSignal.timeout(probe.timeout)])
        const opened = await forward.open({ namespace, pod, port: probe.port }, either)
        if (!opened.ok) return false
        const stream = opened.value
        // Whoever asks is told as well; what comes after that is no news.
        stream.on('error', () => {})
        const isPassed = await (probe.kind === 'http'
          ? answers(stream, probe, either)
          : takes(stream, either))
        stream.destroy()
        if (!isPassed) return false
      }
      return !signal.aborted
    },
  }
}

/** As a kubelet has it: a status from 200 to 399, the certificate not verified. */
function answers(
  stream: Duplex,
  { path, headers, secure, port }: Extract<NetworkProbe, { kind: 'http' }>,
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise(resolve => {
    const request = http.get(
      {
        host: 'localhost',
        port,
        path: path.startsWith('/') ? path : `/${path}`,
        headers: { 'user-agent': 'kube-probe/devloop', accept: '*/*', connection: 'close', ...headers },
        createConnection: () =>
          secure ? tls.connect({ socket: stream, rejectUnauthorized: false }) : stream,
        signal,
      },
      ({ statusCode = 0 }) => {
        request.destroy()
        resolve(statusCode >= 200 && statusCode < 400)
      },
    )
    request.on('error', () => resolve(false))
  })
}

function takes(stream: Duplex, signal: AbortSignal): Promise<boolean> {
  return new Promise(resolve => {
    const settle = (isTaken: boolean): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', refused)
      resolve(isTaken)
    }
    const refused = (): void => settle(false)
    const timer = setTimeout(() => settle(true), QUIET)
    stream.once('data', () => settle(true))
    stream.once('end', refused)
    stream.once('error', refused)
    stream.once('close', refused)
    signal.addEventListener('abort', refused, { once: true })
    if (signal.aborted) refused()
  })
}
