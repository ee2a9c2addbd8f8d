import type { Effect } from '../../core/effect.js'
import type { Event } from '../../core/event.js'
import type { LinkedObject } from '../../core/manifest/link.js'
import { scaledToZero as withoutReplicas } from '../../core/manifest/scaled-to-zero.js'
import { withImages } from '../../core/manifest/with-images.js'
import { type ApplyTools, applyObject } from '../apply-object.js'

/** Applies one object with the images that the plan chose. */
export async function apply(
  { run, key, version, images, save, scaledToZero, takeBack }: Extract<Effect, { type: 'apply' }>,
  linked: LinkedObject,
  {
    tools,
    onNodes,
    signal,
  }: {
    readonly tools: ApplyTools
    readonly onNodes: (image: string) => boolean
    readonly signal: AbortSignal
  },
): Promise<Event> {
  const running = withImages(linked, images, onNodes)
  const applied = await applyObject(tools, {
    object: scaledToZero ? withoutReplicas(running) : running,
    source: linked.source,
    signal,
    save,
    takeBack,
    scaledToZero,
  })
  if (!applied.ok) return { type: 'apply-failed', run, key, version, problem: applied.error }
  const { outcome, uid, generation, notices } = applied.value
  return { type: 'apply-finished', run, key, version, outcome, uid, generation, notices }
}
