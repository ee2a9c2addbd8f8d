import type { Announcement } from '../announcement.js'
import type { GatewayState } from './gateway-state.js'

/** The addresses that the gateway serves at, where they are not what they were. */
export function gatewayNews(before: GatewayState | undefined, after: GatewayState): readonly Announcement[] {
  if (after.kind === 'failed') return []
  const { port, addresses } = after
  const was = before?.kind === 'serving' ? before : undefined
  const isSame = was !== undefined && was.port === port && was.addresses.join() === addresses.join()
  return isSame ? [] : [{ type: 'gateway', port, addresses }]
}
