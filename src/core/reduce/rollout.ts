import type { RolloutEvent } from '../event.js'
import { isClearedAway } from '../manifest/cleared-away.js'
import { memo } from '../memo.js'
import { objectEntries } from '../object-entries.js'
import { isRolledOut } from '../rolled-out.js'
import { judgeRollout } from '../rollout/judge-rollout.js'
import type { ObservedPod, ObservedReplicaSet } from '../rollout-observation.js'
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

interface Seen {
  readonly podsOf: ReadonlyMap<string, readonly ObservedPod[]>
  readonly setsOf: ReadonlyMap<string, readonly ObservedReplicaSet[]>
}

/** Pods and ReplicaSets by the UID of the workload that they belong to: each workload looks at its own only. */
const seenOf = memo((observed: State['observed']): Seen => {
  const podsOf = new Map<string, ObservedPod[]>()
  const setsOf = new Map<string, ObservedReplicaSet[]>()
  for (const set of Object.values(observed.replicaSets)) add(setsOf, set.ownerUid, set)
  for (const pod of Object.values(observed.pods)) {
    const uid = pod.owner?.uid ?? pod.uid
    add(podsOf, observed.replicaSets[uid]?.ownerUid ?? uid, pod)
  }
  return { podsOf, setsOf }
})

function add<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}

/** Judges one applied workload by what is seen now. */
export function judgeOne(state: State, key: string, at: number): State {
  const object = state.objects[key]
  const rollout = object === undefined ? undefined : judge(state, object, at)
  return rollout === undefined || rollout === object?.rollout
    ? state
    : updateObject(state, key, o => ({ ...o, rollout }))
}

/** Judges every applied workload by what is seen now. */
export function judgeAll(state: State, at: number): State {
  let objects: Record<string, ObjectState> | undefined
  for (const [key, object] of objectEntries(state.objects)) {
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
  const { podsOf, setsOf } = seenOf(observed)
  const workload = observed.workloads[linked.key]
  if (workload === undefined && observed.pods[apply.uid] === undefined && isClearedAway(linked.object)) {
    const cleared = whatWasCleared(object, observed)
    if (cleared !== undefined) return cleared === 'done' ? doneAndGone(object, at) : object.rollout
  }
  const status = judgeRollout({
    at,
    key: linked.key,
    ref: linked.ref,
    workload,
    pods: podsOf.get(workload?.uid ?? apply.uid) ?? [],
    replicaSets: setsOf.get(workload?.uid ?? apply.uid) ?? [],
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
    // One that somebody holds back does not hold back those that depend on it.
    everDone: done || status.kind === 'held' || (before?.everDone ?? false),
    deadlinePassed: before?.deadlinePassed ?? false,
  }
}

/** Of an object that is not there: `done` where it ended before this session, `kept` where this session saw it end. */
function whatWasCleared({ linked, apply, rollout }: ObjectState, { syncedNamespaces }: State['observed']) {
  if (rollout?.status.kind === 'done' || (rollout?.status.kind === 'failing' && rollout.status.final))
    return 'kept'
  const isEarlier = apply.kind === 'applied' && apply.outcome === 'unchanged'
  return isEarlier && syncedNamespaces.includes(linked.ref.namespace ?? '') ? 'done' : undefined
}

function doneAndGone({ rollout }: ObjectState, at: number): RolloutState {
  return {
    status: {
      kind: 'done',
      ready: 0,
      desired: 0,
      updated: 0,
      oldEndpoints: 0,
      message: 'done, and cleared away',
    },
    doneAt: rollout?.doneAt ?? at,
    everDone: true,
    deadlinePassed: false,
  }
}
