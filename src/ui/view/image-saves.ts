import type { State } from '../../core/state.js'

/** The save that made each image that was on its way to the pods in this session, by the reference that pods use. */
export type ImageSaves = Readonly<Record<string, number>>

/** What was known, and the images of this state. The same value where nothing is new. */
export function rememberImages(known: ImageSaves, state: State): ImageSaves {
  const fresh = Object.values(state.services).flatMap(({ deployable }) =>
    deployable !== undefined && known[deployable.podReference] !== deployable.save
      ? [[deployable.podReference, deployable.save] as const]
      : [],
  )
  return fresh.length === 0 ? known : { ...known, ...Object.fromEntries(fresh) }
}
