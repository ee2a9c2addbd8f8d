import type { EndpointCheck } from '../core/checks/endpoint-check.js'
import type { Result } from '../core/result.js'

/** Looks from where a name means something: Services from within the cluster, other names from this machine. */
export interface EndpointProbe {
  /** Asks once, for ten seconds at most. The error says in words what was found instead. */
  probe(
    check: EndpointCheck,
    options: { readonly namespace: string; readonly signal: AbortSignal },
  ): Promise<Result<void, string>>
}
