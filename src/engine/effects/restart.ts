import type { Effect } from '../../core/effect.js'
import type { Event } from '../../core/event.js'
import type { ObjectState } from '../../core/state.js'
import type { ApplyTools } from '../apply/apply-types.js'
import { restartObject } from '../restart-object.js'

/** Has the controller of a workload replace its pods. */
export async function restart(
  { run, key }: Extract<Effect, { type: 'restart' }>,
  { linked, apply }: ObjectState,
  { tools, now, signal }: { readonly tools: ApplyTools; readonly now: number; readonly signal: AbortSignal },
): Promise<Event> {
  const uid = apply.kind === 'applied' ? apply.uid : ''
  // Seconds, as kubectl writes them, would make two restarts within one second one.
  const restarted = await restartObject(tools, {
    ref: linked.ref,
    uid,
    at: new Date(now).toISOString(),
    signal,
  })
  return restarted.ok
    ? { type: 'restart-finished', run, key, ...restarted.value }
    : { type: 'restart-failed', run, key, problem: restarted.error }
}
