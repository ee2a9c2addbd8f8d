import { parseClusterAsk } from '../../core/embedded/cluster-ask.js'
import { parseIntent } from '../../core/intent.js'
import { type ExpectedClient, isClientName } from '../../core/verify/left-clients.js'
import type { ControlRequest } from '../../ports/control-channel.js'

/** The request that a value from the socket is; undefined where it is none that this version knows. */
export function parseRequest(value: unknown): ControlRequest | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined
  const given = value as Readonly<Record<string, unknown>>
  switch (value.type) {
    case 'status':
      return { type: 'status' }
    case 'intent': {
      const intent = parseIntent(given.intent)
      return intent === undefined ? undefined : { type: 'intent', intent }
    }
    case 'wait': {
      const { services } = given
      return isTexts(services) ? { type: 'wait', services } : undefined
    }
    case 'why':
    case 'history':
      return typeof given.service === 'string' ? { type: value.type, service: given.service } : undefined
    case 'why-not':
      return typeof given.path === 'string' ? { type: 'why-not', path: given.path } : undefined
    case 'cluster': {
      const ask = parseClusterAsk(given.ask)
      return ask === undefined ? undefined : { type: 'cluster', ask }
    }
    case 'client': {
      const { step } = given
      const client = parseClient(given.client)
      return client !== undefined && (step === 'expect' || step === 'hold')
        ? { type: 'client', step, client }
        : undefined
    }
    default:
      return undefined
  }
}

function parseClient(value: unknown): ExpectedClient | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { namespace, name, token } = value as Readonly<Record<string, unknown>>
  if (!isTexts([namespace, name, token])) return undefined
  const client = { namespace, name, token } as ExpectedClient
  return isClientName(client.name) ? client : undefined
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(one => typeof one === 'string')
}
