import { parseIntent } from '../../core/intent.js'
import type { ControlRequest } from '../../ports/control-channel.js'

/** The request that a value from the socket is; undefined where it is none that this version knows. */
export function parseRequest(value: unknown): ControlRequest | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined
  if (value.type === 'status') return { type: 'status' }
  if (value.type !== 'intent' || !('intent' in value)) return undefined
  const intent = parseIntent(value.intent)
  return intent === undefined ? undefined : { type: 'intent', intent }
}
