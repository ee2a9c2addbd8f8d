import type { Duplex } from 'node:stream'
import type { PodForward } from '../../ports/pod-forward.js'
import type { PodProbe } from '../../ports/pod-probe.js'
import { askHttpProbe } from '../kubernetes/http-probe.js'

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
        const isPassed =
          probe.kind === 'http'
            ? (await askHttpProbe(probe, { host: 'localhost', port: probe.port, stream }, either)).ok
            : await takes(stream, either)
        stream.destroy()
        if (!isPassed) return false
      }
      return !signal.aborted
    },
  }
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
