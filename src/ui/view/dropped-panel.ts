import { displayRef } from '../../core/kube-object.js'
import type { DroppedObject, PruneState } from '../../core/prune/prune-state.js'
import { type Row, rowOf, span, textRow } from './row.js'
import type { UiState } from './ui-state.js'

/** What the manifests no longer have, one a row. */
export function droppedRows({ dropped, running, stayed }: PruneState): readonly Row[] {
  if (dropped.length === 0) return [textRow('the manifests have all that devloop made', 'dim')]
  return dropped.map(({ key, ref, origin, isGuarded }) =>
    rowOf(
      span('- ', 'bad'),
      span(displayRef(ref), 'strong'),
      span(
        running?.keys.includes(key) === true
          ? '  is being deleted'
          : stayed.includes(key)
            ? '  stayed'
            : origin === 'adopted'
              ? '  was there before: gets back what devloop changed'
              : isGuarded
                ? '  asked for by itself: it may hold what is not in the manifests'
                : '',
        'dim',
      ),
    ),
  )
}

/** The question before anything goes; what is guarded is asked for on its own, when nothing else is left. */
export function pruneQuestion(dropped: readonly DroppedObject[]): UiState['confirm'] {
  const plain = dropped.filter(({ isGuarded }) => !isGuarded)
  const asked = plain.length > 0 ? plain : dropped
  if (asked.length === 0) return undefined
  const names = asked.map(({ ref }) => displayRef(ref)).join(', ')
  const many = asked.length === 1 ? names : `these ${asked.length} objects`
  return {
    question: plain.length > 0 ? `Delete ${many}?` : `Delete ${names} for good, with all that is in there?`,
    effect: { type: 'prune', keys: asked.map(({ key }) => key) },
  }
}
