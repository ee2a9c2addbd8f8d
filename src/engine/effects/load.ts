import type { Effect } from '../../core/effect.js'
import type { Event } from '../../core/event.js'
import type { ImageBuilder } from '../../ports/image-builder.js'
import type { ImageLoader } from '../../ports/image-loader.js'
import type { SessionTools } from '../session-tools.js'

interface LoadTools extends Pick<SessionTools, 'tell'> {
  readonly builder: ImageBuilder
  readonly loader: ImageLoader
  readonly signal: AbortSignal
  readonly dispatch: (event: Event) => void
}

/** Bytes between two reports of progress. */
const WORTH_TELLING = 1e6

/** Brings an image onto every node. */
export async function load(
  { run, image, optional, isNew }: Extract<Effect, { type: 'load' }>,
  { builder, loader, signal, dispatch, tell }: LoadTools,
): Promise<Event> {
  if (optional) {
    const local = await builder.inspect(image, signal)
    if (!local.ok) return { type: 'load-failed', run, image, problem: local.error }
    if (local.value === undefined) return { type: 'load-skipped', run, image }
  }
  let told = 0
  const loaded = await loader.load(image, {
    signal,
    isNew,
    onProgress: ({ sentBytes, totalBytes }) => {
      if (sentBytes - told < WORTH_TELLING) return
      told = sentBytes
      // Sizes are estimates until all is sent: more than a whole is no figure.
      const total = totalBytes === undefined || totalBytes < sentBytes ? {} : { totalBytes }
      dispatch({ type: 'load-progressed', run, image, sentBytes, ...total })
    },
    onNotice: message => tell({ type: 'notice', message }),
  })
  if (!loaded.ok) return { type: 'load-failed', run, image, problem: loaded.error }
  const { reference, method, sentBytes, sentLayers, totalLayers } = loaded.value
  return {
    type: 'load-finished',
    run,
    image,
    podReference: reference,
    method,
    sentBytes,
    sentLayers,
    totalLayers,
  }
}
