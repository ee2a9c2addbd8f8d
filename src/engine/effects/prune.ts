import type { Effect } from '../../core/effect.js'
import type { Event } from '../../core/event.js'
import { displayRef, refKey } from '../../core/kube-object.js'
import type { LinkedManifests } from '../../core/manifest/link.js'
import { findDropped } from '../../core/prune/find-dropped.js'
import { type DownReport, type TakeDownTools, takeDown } from '../take-down.js'

/** Takes away what the manifests no longer have, as `down` would, and nothing that they have by now. */
export async function prune(
  { run, keys, volumes }: Extract<Effect, { type: 'prune' }>,
  {
    manifests,
    signal,
    ...tools
  }: TakeDownTools & {
    readonly manifests: LinkedManifests
    readonly signal: AbortSignal
  },
): Promise<Event> {
  const asked = new Set(keys)
  const still = findDropped(tools.journal.state(), manifests).filter(({ key }) => asked.has(key))
  const taken = await takeDown(tools, { keys: new Set(still.map(({ key }) => key)), volumes, signal })
  return taken.ok
    ? { type: 'prune-finished', run, ...ofReport(taken.value) }
    : { type: 'prune-finished', run, gone: [], stayed: [], problems: [taken.error] }
}

function ofReport({ deleted, restored, kept, stuck, problems }: DownReport) {
  return {
    gone: [
      ...deleted.map(ref => ({ key: refKey(ref), object: displayRef(ref), outcome: 'deleted' as const })),
      ...restored.map(({ ref }) => ({
        key: refKey(ref),
        object: displayRef(ref),
        outcome: 'restored' as const,
      })),
    ],
    stayed: [
      ...kept.map(({ ref, holds }) => ({
        object: displayRef(ref),
        why: holds.length === 0 ? 'it may hold data' : `it holds ${holds.map(displayRef).join(', ')}`,
      })),
      ...stuck.map(({ ref, heldBy }) => ({
        object: displayRef(ref),
        why: `it is still being deleted${heldBy.length === 0 ? '' : `, held by ${heldBy.join('; ')}`}`,
      })),
    ],
    problems,
  }
}
