import type { LinkedObject } from '../manifest/link.js'
import type { ObjectState, ServiceState, State } from '../state.js'

/** An object of the manifests that nothing was done with yet. */
export function newObject(linked: LinkedObject): ObjectState {
  return { linked, apply: { kind: 'pending' }, rollout: undefined, restart: { kind: 'none' } }
}

export function updateService(
  state: State,
  name: string,
  change: (service: ServiceState) => ServiceState,
): State {
  const service = state.services[name]
  if (service === undefined) return state
  return { ...state, services: { ...state.services, [name]: change(service) } }
}

export function updateObject(state: State, key: string, change: (object: ObjectState) => ObjectState): State {
  const object = state.objects[key]
  if (object === undefined) return state
  return { ...state, objects: { ...state.objects, [key]: change(object) } }
}

/** Whether an event of run `run` still concerns what is under way; an older run's events only free its slot. */
export function isCurrent(running: { readonly run: number }, run: number): boolean {
  return running.run === run
}
