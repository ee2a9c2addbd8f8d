import type { ServiceSpec } from '../project.js'
import type { ServiceState } from '../state.js'
import { unsteered } from './intent.js'

/** A service that nothing is known of yet. */
export function newService(spec: ServiceSpec): ServiceState {
  return {
    name: spec.name,
    source: { kind: 'unknown' },
    pending: undefined,
    build: { kind: 'idle' },
    image: undefined,
    deployable: undefined,
    lives: [],
    steering: unsteered,
    ledger: { save: 0, savedAt: 0, stages: {}, liveAt: undefined, liveSave: undefined, supersededInARow: 0 },
  }
}
