import type { Effect } from '../../core/effect.js'
import type { Event } from '../../core/event.js'
import type { Cluster } from '../../ports/cluster.js'
import type { Journal } from '../../ports/journal.js'

/** Deletes a hook of ours that did its work. The journal keeps it: that is how the next session knows that it ran. */
export async function clearHook(
  { run, key, uid }: Extract<Effect, { type: 'clear-hook' }>,
  { cluster, journal, signal }: { cluster: Cluster; journal: Journal; signal: AbortSignal },
): Promise<Event> {
  const owned = journal.state().objects.get(key)
  // One that was there before us is not ours to delete; one that cannot be deleted stays, as without the policy.
  if (owned?.origin === 'created' && owned.uid === uid)
    await cluster.delete(owned.ref, { uid, propagation: 'Background', signal, wait: false })
  return { type: 'hook-cleared', run, key }
}
