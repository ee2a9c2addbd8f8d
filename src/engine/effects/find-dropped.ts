import type { Effect } from '../../core/effect.js'
import type { Event } from '../../core/event.js'
import type { LinkedManifests } from '../../core/manifest/link.js'
import { type DroppedCandidate, findDropped } from '../../core/prune/find-dropped.js'
import type { Cluster } from '../../ports/cluster.js'
import type { Journal } from '../../ports/journal.js'

interface FindDroppedTools {
  readonly cluster: Cluster
  readonly journal: Journal
  readonly manifests: LinkedManifests
  /** Whether somebody is in the middle of changing the files. */
  readonly isBusy: (() => Promise<boolean>) | undefined
  readonly signal: AbortSignal
}

/** Requests that go out side by side; a folder that was moved away may have dropped hundreds of objects. */
const AT_ONCE = 16

/** Holds the manifests against the journal, and both against the cluster: what is gone there is forgotten. */
export async function lookForDropped(
  { run }: Extract<Effect, { type: 'find-dropped' }>,
  { cluster, journal, manifests, isBusy, signal }: FindDroppedTools,
): Promise<Event> {
  const candidates = findDropped(journal.state(), manifests)
  const present: DroppedCandidate[] = []
  const gone: DroppedCandidate[] = []
  for (let at = 0; at < candidates.length; at += AT_ONCE) {
    const part = candidates.slice(at, at + AT_ONCE)
    const reads = await Promise.all(part.map(({ ref }) => cluster.get(ref, signal)))
    for (const [index, read] of reads.entries()) {
      const candidate = part[index]
      if (candidate === undefined || !read.ok) return { type: 'dropped-look-failed', run }
      const isThere =
        read.value?.metadata.uid === candidate.uid && read.value.metadata.deletionTimestamp === undefined
      if (isThere) present.push(candidate)
      // What is being deleted is still ours until it is gone.
      else if (read.value?.metadata.uid !== candidate.uid) gone.push(candidate)
    }
  }
  if (gone.length > 0)
    await journal.append(
      gone.map(({ key }) => ({ type: 'released' as const, key })),
      { durable: false },
    )
  return {
    type: 'dropped-found',
    run,
    objects: present.map(({ uid: _, ...object }) => object),
    isBusy: present.length > 0 && (await isBusy?.()) === true,
  }
}
