import type { Announcement } from '../announcement.js'
import type { PruneEvent } from '../event.js'
import { displayRef } from '../kube-object.js'
import { goesByItself, prunePolicy } from '../prune/due-prune.js'
import type { DroppedObject } from '../prune/prune-state.js'
import type { State } from '../state.js'

/** What the manifests no longer have, told once, and what becomes of it. */
export function droppedNews(before: State, after: State): readonly Announcement[] {
  if (before.prune.dropped === after.prune.dropped) return []
  const known = new Set(before.prune.dropped.map(({ key }) => key))
  const news = after.prune.dropped.filter(({ key }) => !known.has(key))
  if (news.length === 0) return []
  const objects = news.map(object => ({
    object: displayRef(object.ref),
    action: actionOf(after, object),
    restores: object.origin === 'adopted',
  }))
  return [{ type: 'dropped', objects, hint: hintOf(after, news) }]
}

function actionOf(state: State, object: DroppedObject): 'delete' | 'ask' | 'keep' {
  if (goesByItself(state, object)) return 'delete'
  return prunePolicy(state) === 'off' ? 'keep' : 'ask'
}

function hintOf(state: State, news: readonly DroppedObject[]): string {
  const left = news.filter(object => !goesByItself(state, object))
  if (left.length === 0) return 'they go as soon as what is applied is live'
  const how = left.every(({ isGuarded }) => isGuarded)
    ? 'devloop deploy --prune-all deletes them when no up runs, with what they hold'
    : 'devloop deploy --prune deletes them when no up runs, and prune: auto in the config does so by itself'
  return prunePolicy(state) === 'off'
    ? 'they stay, for the config says prune: off; devloop down deletes them with the rest'
    : `they stay until you say so: P on the screen of up; ${how}`
}

/** What was taken away, and what stayed. */
export function prunedNews(event: Extract<PruneEvent, { type: 'prune-finished' }>): readonly Announcement[] {
  return [
    ...event.gone.map(({ object, outcome }): Announcement => ({ type: 'pruned', object, outcome })),
    ...event.stayed.map(
      ({ object, why }): Announcement => ({ type: 'notice', message: `${object} stays: ${why}` }),
    ),
    ...event.problems
      .filter(({ kind }) => kind !== 'cancelled')
      .map((problem): Announcement => ({ type: 'problem', final: false, problem })),
  ]
}
