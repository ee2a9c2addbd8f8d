import { objectEntries } from '../object-entries.js'
import { isRolledOut } from '../rolled-out.js'
import type { State } from '../state.js'

/**
 * The workloads that were changed and whose change no watch has shown, each with the generation that is waited for. The API server shows a watch its own change within milliseconds: where it stays
 * out, the link of that watch is dead without having ended, as after a computer slept or a network changed.
 */
export function unseenApplies({ objects, observed }: Pick<State, 'objects' | 'observed'>): readonly string[] {
  return objectEntries(objects).flatMap(([key, { linked, apply, rollout }]) => {
    if (!isRolledOut(linked.ref) || linked.ref.kind === 'Pod') return []
    if (apply.kind !== 'applied' || apply.outcome === 'unchanged' || rollout?.doneAt !== undefined) return []
    const seen = observed.workloads[linked.key]
    if (seen !== undefined && (seen.uid !== apply.uid || seen.generation >= apply.generation)) return []
    return `${key}@${apply.generation}`
  })
}
