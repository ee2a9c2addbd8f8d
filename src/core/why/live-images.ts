import { rollbackImage } from '../answer-intent.js'
import { runningImage } from '../desired.js'
import type { ServiceState } from '../state.js'

/** The images of a service that a session saw live, oldest first. Plain JSON. */
export interface LiveImages {
  readonly images: readonly { readonly save: number; readonly image: string }[]
  /** What its pods should have now. */
  readonly running: string | undefined
  /** What a rollback would run. */
  readonly rollback: string | undefined
}

export function liveImages(service: ServiceState): LiveImages {
  return {
    images: service.lives.map(({ save, podReference }) => ({ save, image: podReference })),
    running: runningImage(service)?.podReference,
    rollback: rollbackImage(service)?.podReference,
  }
}
