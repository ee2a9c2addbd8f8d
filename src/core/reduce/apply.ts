import type { ApplyEvent } from '../event.js'
import type { AppliedVersion, ApplyState, State } from '../state.js'
import { judgeOne } from './rollout.js'
import { updateObject } from './update.js'

type Stamped<E> = E & { readonly at: number }

export function reduceApply(state: State, event: Stamped<ApplyEvent>): State {
  const object = state.objects[event.key]
  // It was dropped while it was written: it is in the journal only now.
  if (object === undefined) return { ...state, prune: { ...state.prune, due: state.mode.deploy } }
  const { apply } = object
  if (event.type === 'apply-started') {
    const again = apply.kind === 'failed' && apply.version === event.version ? apply : undefined
    return updateObject(state, event.key, o => ({
      ...o,
      clearing: undefined,
      apply: {
        kind: 'applying',
        run: event.run,
        version: event.version,
        save: event.save,
        redeploys: event.redeploys,
        startedAt: event.at,
        attempts: again?.attempts ?? 0,
        ...(again === undefined ? {} : { problem: again.problem }),
        before: appliedBefore(apply),
      },
    }))
  }
  if (apply.kind !== 'applying' || apply.run !== event.run) return state
  if (event.type === 'apply-slowed' || event.type === 'apply-superseded') {
    const what = event.type === 'apply-slowed' ? 'slow' : 'superseded'
    return updateObject(state, event.key, o => ({ ...o, apply: { ...apply, [what]: true } }))
  }
  if (event.type === 'apply-failed') {
    const { problem } = event
    return updateObject(state, event.key, o => ({
      ...o,
      apply:
        problem.kind === 'cancelled'
          ? apply.before === undefined
            ? { kind: 'pending' }
            : { kind: 'applied', ...apply.before }
          : {
              kind: 'failed',
              version: event.version,
              problem,
              attempts: apply.attempts + 1,
              retry: false,
              before: apply.before,
            },
    }))
  }
  const applied: AppliedVersion = {
    version: event.version,
    uid: event.uid,
    generation: event.generation,
    save: apply.save,
    redeploys: apply.redeploys,
    at: event.at,
    startedAt: apply.startedAt,
    outcome: event.outcome,
  }
  const next = updateObject(state, event.key, o => ({
    ...o,
    again: undefined,
    apply: { kind: 'applied', ...applied },
    rollout:
      o.rollout === undefined
        ? undefined
        : {
            ...o.rollout,
            doneAt: event.outcome === 'unchanged' ? o.rollout.doneAt : undefined,
            deadlinePassed: false,
          },
  }))
  return judgeOne(next, event.key, event.at)
}

export function appliedBefore(apply: ApplyState): AppliedVersion | undefined {
  switch (apply.kind) {
    case 'pending':
      return undefined
    case 'applying':
    case 'failed':
      return apply.before
    case 'applied': {
      const { kind: _, ...applied } = apply
      return applied
    }
  }
}
