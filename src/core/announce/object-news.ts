import type { Announcement } from '../announcement.js'
import { displayRef } from '../kube-object.js'
import { objectEntries } from '../object-entries.js'
import { objectStatus } from '../service-status.js'
import type { State } from '../state.js'
import type { OpenProblems } from './open-problems.js'
import { problemChange, tellable } from './problem-news.js'

/** Objects that belong to no service: a service tells of its own. */
export function objectNews(before: State, after: State, open: OpenProblems): Announcement[] {
  if (before.objects === after.objects && before.crashes === after.crashes) return []
  const told: Announcement[] = []
  for (const [key, object] of objectEntries(after.objects)) {
    if (object.linked.services.length > 0) continue
    if (before.objects[key] === object && before.crashes === after.crashes) continue
    const name = displayRef(object.linked.ref)
    const was = before.objects[key] === undefined ? undefined : objectStatus(before, key)
    const is = objectStatus(after, key)
    told.push(...problemChange(tellable(before, was), tellable(after, is), { object: name }, open.has(name)))
    const becameReady =
      object.rollout?.doneAt !== undefined && before.objects[key]?.rollout?.doneAt === undefined
    if (becameReady && is.phase === 'live') told.push({ type: 'ready', object: name })
  }
  return told
}
