import type { State } from '../state.js'
import type { Switch } from './switch.js'

/** The switches of a Service by its name, or of one that leads to pods of a service. */
export function switchesOf(state: State, name: string): readonly Switch[] {
  return Object.values(state.switches ?? {}).filter(
    ({ service, target, others }) =>
      service.split('/').at(-1) === name ||
      [target, ...others].some(key => state.objects[key]?.linked.services.includes(name) === true),
  )
}

export const linkedOf = (state: State) => Object.values(state.objects).map(({ linked }) => linked)
