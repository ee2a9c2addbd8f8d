import { serviceOfHost } from '../../core/checks/endpoint-check.js'
import { err } from '../../core/result.js'
import type { EndpointProbe } from '../../ports/endpoint-probe.js'
import { answersHere, listensHere, resolvesHere } from '../kubernetes/direct-probe.js'
import type { ObjectStore } from './object-store.js'
import type { ProcessNode } from './process-node.js'

/** Milliseconds that one look takes at most. */
const PATIENCE = 10_000

/** Looks at Services by a pod that is ready, and at other names as this machine does. */
export function createEmbeddedProbe(store: ObjectStore, node: Pick<ProcessNode, 'backends'>): EndpointProbe {
  return {
    async probe(check, { namespace, signal }) {
      const timeout = AbortSignal.timeout(PATIENCE)
      const either = AbortSignal.any([signal, timeout])
      const look = (at: { readonly host: string; readonly port: number }) =>
        check.kind === 'http' ? answersHere({ ...check, ...at }, either) : listensHere(at, either)
      const found = serviceOfHost(check.host, namespace)
      const service =
        found &&
        store.get({ apiVersion: 'v1', kind: 'Service', namespace: found.namespace, name: found.name })
      if (found !== undefined && service === undefined) {
        if (found.certain || !(await resolvesHere(check.host)))
          return err(`there is no Service ${found.name} in namespace ${found.namespace}`)
      }
      if (service === undefined) return look(check)
      const [address] = node.backends(service, check.port)
      if (address === undefined)
        return err(`Service ${service.metadata.name} has no ready pod at port ${check.port}`)
      const answer = await look(address)
      return !answer.ok && timeout.aborted ? err(`no answer within ${PATIENCE / 1000} s`) : answer
    },
  }
}
