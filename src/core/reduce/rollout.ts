import type { RolloutEvent } from '../event.js'
import { isRolledOut } from '../rolled-out.js'
import { judgeRollout } from '../rollout/judge-rollout.js'
import type { ObjectState, RolloutState, State } from '../state.js'
import { updateObject } from './update.js'

type Stamped<E> = E & { readonly at: number }

export function reduceRollout(state: State, event: Stamped<RolloutEvent>): State {
  switch (event.type) {
    case 'last-lines-started':
      return { ...state, crashes: { ...state.crashes, [event.crash]: { run: event.run, lines: undefined } } }
    case 'last-lines-read':
      return state.crashes[event.crash] === undefined
        ? state
        : { ...state, crashes: { ...state.crashes, [event.crash]: { run: undefined, lines: event.lines } } }
    case 'rollout-deadline-passed': {
      const object = state.objects[event.key]
      if (
        object?.apply.kind !== 'applied' ||
        object.apply.version !== event.version ||
        object.rollout === undefined
      )
        return state
      const { rollout } = object
      if (rollout.doneAt !== undefined) return state
      return updateObject(state, event.key, o => ({ ...o, rollout: { ...rollout, deadlinePassed: true } }))
    }
  }
}

/** Judges every applied workload (or one) by what is seen now. */
export function judgeAll(state: State, at: number, only?: string): State {
  let objects: Record<string, ObjectState> | undefined
  for (const [key, object] of Object.entries(state.objects)) {
    if (only !== undefined && key !== only) continue
    const rollout = judge(state, object, at)
    if (rollout === undefined || rollout === object.rollout) continue
    objects ??= { ...state.objects }
    objects[key] = { ...object, rollout }
  }
  return objects === undefined ? state : { ...state, objects }
}

function judge(state: State, object: ObjectState, at: number): RolloutState | undefined {
  const { linked, apply } = object
  if (!isRolledOut(linked.ref) || apply.kind !== 'applied') return undefined
  const { observed } = state
  const status = judgeRollout({
    key: linked.key,
    ref: linked.ref,
    workload: observed.workloads[linked.key],
    pods: Object.values(observed.pods),
    replicaSets: Object.values(observed.replicaSets),
    eventsOf: uid => observed.events[uid] ?? [],
    applied: {
      uid: apply.uid,
      generation: apply.generation,
      at: apply.at,
      changed: apply.outcome !== 'unchanged',
    },
  })
  const before = object.rollout
  const done = status.kind === 'done'
  if (
    before !== undefined &&
    JSON.stringify(before.status) === JSON.stringify(status) &&
    (before.doneAt !== undefined) === done
  )
    return before
  return {
    status,
    doneAt: done ? (before?.doneAt ?? at) : undefined,
    everDone: done || (before?.everDone ?? false),
    deadlinePassed: before?.deadlinePassed ?? false,
  }
}
