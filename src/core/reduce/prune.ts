import type { PruneEvent } from '../event.js'
import { PRUNE_QUIET } from '../prune/prune-state.js'
import type { State } from '../state.js'

type Stamped<E> = E & { readonly at: number }

export function reducePrune(state: State, event: Stamped<PruneEvent>): State {
  const { prune } = state
  switch (event.type) {
    case 'dropped-look-started':
      return { ...state, prune: { ...prune, due: false, looking: event.run } }
    case 'dropped-found': {
      if (prune.looking !== event.run) return state
      const missing = event.objects.map(object => ({
        ...object,
        since: event.isBusy
          ? event.at
          : (prune.missing.find(({ key }) => key === object.key)?.since ?? event.at),
      }))
      const known = new Set(prune.dropped.map(({ key }) => key))
      const isSettled = ({ key, since }: (typeof missing)[number]) =>
        known.has(key) || event.at - since >= PRUNE_QUIET
      const keys = new Set(missing.map(({ key }) => key))
      return {
        ...state,
        prune: {
          ...prune,
          looking: undefined,
          missing,
          dropped: missing.filter(isSettled).map(({ since: _, ...object }) => object),
          confirmed: prune.confirmed.filter(key => keys.has(key)),
          stayed: prune.stayed.filter(key => keys.has(key)),
        },
      }
    }
    case 'dropped-look-failed':
      if (prune.looking !== event.run) return state
      return { ...state, prune: { ...prune, looking: undefined } }
    case 'prune-confirmed': {
      const keys = event.keys.filter(key => prune.dropped.some(object => object.key === key))
      if (keys.length === 0) return state
      return {
        ...state,
        prune: {
          ...prune,
          due: true,
          confirmed: [...new Set([...prune.confirmed, ...keys])],
          stayed: prune.stayed.filter(key => !keys.includes(key)),
        },
        // Whatever is deleted was missing a moment before.
        render: { ...state.render, due: true },
      }
    }
    case 'prune-started':
      return { ...state, prune: { ...prune, running: { run: event.run, keys: event.keys } } }
    case 'prune-finished': {
      if (prune.running?.run !== event.run) return state
      const tried = new Set(prune.running.keys)
      const gone = new Set(event.gone.map(({ key }) => key))
      return withRefusedAgain({
        ...state,
        prune: {
          ...prune,
          running: undefined,
          // What it made may be left behind: the claims of a StatefulSet, say.
          due: true,
          missing: prune.missing.filter(({ key }) => !gone.has(key)),
          dropped: prune.dropped.filter(({ key }) => !gone.has(key)),
          confirmed: prune.confirmed.filter(key => !tried.has(key)),
          problems: event.problems.filter(({ kind }) => kind !== 'cancelled'),
          stayed: [
            ...prune.stayed.filter(key => !tried.has(key)),
            ...[...tried].filter(key => !gone.has(key)),
          ],
        },
      })
    }
  }
}

/** What was refused may have been in the way of what is gone: a port, a name of a host. */
function withRefusedAgain(state: State): State {
  const objects = Object.entries(state.objects).map(([key, object]) => [
    key,
    object.apply.kind === 'failed' && object.apply.problem.kind === 'apply-rejected'
      ? { ...object, apply: { ...object.apply, retry: true } }
      : object,
  ])
  return { ...state, objects: Object.fromEntries(objects) }
}
