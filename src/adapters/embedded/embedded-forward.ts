import { connect } from 'node:net'
import { cancelled } from '../../core/problem.js'
import { err, ok } from '../../core/result.js'
import type { PodForward } from '../../ports/pod-forward.js'
import type { ProcessNode } from './process-node.js'

/** Connections to ports of pods: their programs listen on this machine. */
export function createEmbeddedForward(node: Pick<ProcessNode, 'runOf'>): PodForward {
  return {
    async open({ namespace, pod, port }, signal) {
      if (signal?.aborted === true) return err(cancelled)
      const run = node.runOf(namespace, pod)
      if (run === undefined)
        return err({ kind: 'forward-refused', message: `there is no pod ${pod} in ${namespace}` })
      // Where nobody listens, the stream ends with the system's own ECONNREFUSED.
      const socket = connect({ ...run.addressOf(port), allowHalfOpen: true })
      const abort = (): void => void socket.destroy()
      signal?.addEventListener('abort', abort, { once: true })
      socket.once('close', () => signal?.removeEventListener('abort', abort))
      return ok(socket)
    },
  }
}
