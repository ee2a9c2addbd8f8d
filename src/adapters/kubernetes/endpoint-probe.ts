import { type EndpointCheck, type ServiceHost, serviceOfHost } from '../../core/checks/endpoint-check.js'
import { err, ok, type Result } from '../../core/result.js'
import type { EndpointProbe } from '../../ports/endpoint-probe.js'
import { parseStatus } from './api-status.js'
import { answersHere, listensHere, resolvesHere } from './direct-probe.js'
import type { KubeHttp } from './http-client.js'
import { podListens } from './pod-probe.js'
import { readyAddress } from './ready-address.js'

/** Milliseconds that one look takes at most. */
const PATIENCE = 10_000
/** How much of an answer is read for what it says. */
const EXCERPT = 4096

interface Look {
  readonly http: KubeHttp
  readonly check: EndpointCheck
  readonly signal: AbortSignal
}

/**
 * Services are looked at through the API server, as pods would find them: for HTTP by its proxy, for TCP by a connection to the port of a ready pod. Other
 * names and addresses are those of this machine.
 */
export function createEndpointProbe({ http }: { readonly http: KubeHttp }): EndpointProbe {
  return {
    async probe(check, { namespace, signal }) {
      const timeout = AbortSignal.timeout(PATIENCE)
      const look = { http, check, signal: AbortSignal.any([signal, timeout]) }
      const answer = await probe(look, namespace)
      return !answer.ok && timeout.aborted ? err(`no answer within ${PATIENCE / 1000} s`) : answer
    },
  }
}

async function probe(look: Look, from: string): Promise<Result<void, string>> {
  const { http, check, signal } = look
  const service = serviceOfHost(check.host, from)
  if (service === undefined) return probeHere(look)
  const { namespace, name, certain } = service
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${encodeURIComponent(name)}`
  const found = await http.request({ method: 'GET', path, signal })
  if (!found.ok) return err(messageOf(found.error))
  if (found.value.status === 404) {
    if (!certain && (await resolvesHere(check.host))) return probeHere(look)
    return err(`there is no Service ${name} in namespace ${namespace}`)
  }
  if (found.value.status !== 200)
    return err(parseStatus(found.value.body)?.message ?? `the API server answered ${found.value.status}`)
  return check.kind === 'http'
    ? throughProxy(look, service)
    : toReadyPod(look, service, JSON.parse(found.value.body))
}

function probeHere({ check, signal }: Look): Promise<Result<void, string>> {
  return check.kind === 'http' ? answersHere(check, signal) : listensHere(check, signal)
}

async function throughProxy(
  { http, check, signal }: Look,
  { namespace, name }: ServiceHost,
): Promise<Result<void, string>> {
  const target = `${check.secure ? 'https:' : ''}${name}:${check.port}`
  const opened = await http.stream({
    path: `/api/v1/namespaces/${namespace}/services/${target}/proxy${check.path}`,
    accept: '*/*',
    signal,
  })
  if (!opened.ok) return err(messageOf(opened.error))
  const { status, body } = opened.value
  if (status >= 200 && status < 400) {
    body.destroy()
    return ok(undefined)
  }
  let text = ''
  try {
    for await (const chunk of body) {
      text += String(chunk)
      if (text.length >= EXCERPT) break
    }
  } catch {
    // The status says enough.
  }
  body.destroy()
  // The API server's own words come as a Status: no endpoints, or nobody who takes the connection.
  return err(parseStatus(text)?.message ?? `it answered ${status}`)
}

async function toReadyPod(
  { http, check, signal }: Look,
  service: ServiceHost,
  object: unknown,
): Promise<Result<void, string>> {
  const found = await readyAddress(http, { ...service, port: check.port, object, signal })
  if (!found.ok) return found
  const { pod, address, port } = found.value
  return pod === undefined
    ? listensHere({ host: address, port }, signal)
    : podListens(http, { namespace: service.namespace, pod, port, signal })
}

function messageOf(error: { readonly kind: string; readonly message?: string }): string {
  return error.message ?? 'the check was ended'
}
