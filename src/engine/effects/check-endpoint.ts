import type { Effect } from '../../core/effect.js'
import type { Event } from '../../core/event.js'
import type { EndpointProbe } from '../../ports/endpoint-probe.js'

/** Asks an endpoint once whether it is there. */
export async function checkEndpoint(
  { run, id, check, namespace }: Extract<Effect, { type: 'check' }>,
  probe: EndpointProbe,
  signal: AbortSignal,
): Promise<Event> {
  const answer = await probe.probe(check, { namespace, signal })
  return answer.ok
    ? { type: 'check-passed', run, id }
    : { type: 'check-failed', run, id, message: answer.error, timeout: check.timeout }
}
