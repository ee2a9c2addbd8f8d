import type { ObjectState } from '../state.js'

/** Whether an object has to be written, or written again. */
export function isApplyDue({ apply, restart }: ObjectState, version: string): boolean {
  // Two writes to one object at once would only be in each other's way.
  if (restart.kind === 'restarting') return false
  switch (apply.kind) {
    case 'pending':
      return true
    case 'applying':
      return false
    case 'applied':
      return apply.version !== version
    case 'failed':
      return apply.version !== version || apply.retry
  }
}
