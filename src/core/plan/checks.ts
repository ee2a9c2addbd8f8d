import type { Effect } from '../effect.js'
import type { ObjectHolds } from '../hold.js'
import { objectEntries } from '../object-entries.js'
import type { State } from '../state.js'

type Draft = Omit<Extract<Effect, { type: 'check' }>, 'run'>

/** Asks the endpoints that something is held by now: what waits for its image anyway needs no answer yet. */
export function planChecks(state: State, { holdOf }: ObjectHolds): readonly Draft[] {
  if (!state.mode.deploy || state.render.due || state.render.run !== undefined) return []
  if (!state.project.services.some(({ checks = [] }) => checks.length > 0)) return []
  const drafts = new Map<string, Draft>()
  for (const [key, { linked }] of objectEntries(state.objects)) {
    if (linked.services.length === 0) continue
    const hold = holdOf(key)
    if (hold?.kind !== 'check' || drafts.has(hold.id)) continue
    const asked = state.checks[hold.id]
    if (asked === undefined || (asked.kind === 'unready' && asked.due))
      drafts.set(hold.id, { type: 'check', id: hold.id, check: hold.check, namespace: hold.namespace })
  }
  return [...drafts.values()]
}
