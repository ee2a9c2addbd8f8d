import { displayRef, type ObjectRef } from '../kube-object.js'
import { isClearedAway } from '../manifest/cleared-away.js'
import type { Observation } from '../rollout-observation.js'
import type { ObjectState, State } from '../state.js'
import { newObject } from './update.js'

/** Kinds that are there for as long as their manifest is. */
const LASTING: readonly string[] = ['Deployment', 'StatefulSet', 'DaemonSet']

/** Workloads of ours that somebody deleted in the cluster are to be made again: it is to be as the files say. */
export function withDeleted(state: State, observations: readonly Observation[]): State {
  const keys = deletedOf(state, observations)
  if (keys.length === 0) return state
  const made = keys.flatMap(key => {
    const object = state.objects[key]
    return object === undefined ? [] : [[key, anew(object)] as const]
  })
  return { ...state, objects: { ...state.objects, ...Object.fromEntries(made) } }
}

/** Keys of the workloads that are as we applied them last, and are no more. */
function deletedOf(state: State, observations: readonly Observation[]): readonly string[] {
  if (state.stopping) return []
  return observations.flatMap(observation => {
    if (observation.type !== 'workload-gone') return []
    const object = state.objects[observation.key]
    const isOurs = object?.apply.kind === 'applied' && object.apply.uid === observation.uid
    return isOurs && isToBeThere(object, observation.unfinished === true) ? [observation.key] : []
  })
}

/**
 * A Job is there until somebody deletes it, and whoever does wants it run anew, as with `kubectl apply` after `kubectl delete`. One that goes by itself (its time to live, its
 * chart's policy) may have gone so: only where it was seen to go before its end was it somebody's doing.
 */
function isToBeThere({ linked: { ref, hook, object } }: ObjectState, unfinished: boolean): boolean {
  if (ref.kind === 'Job') return unfinished || (hook === undefined && !isClearedAway(object))
  return LASTING.includes(ref.kind) && hook === undefined
}

function anew({ linked }: ObjectState): ObjectState {
  return { ...newObject(linked), ...(isClearedAway(linked.object) ? { again: true } : {}) }
}

/** In a few words for each, what was deleted by somebody between two states. */
export function deletedWorkloads(before: State, observations: readonly Observation[]): readonly string[] {
  return deletedOf(before, observations).map(key => {
    const ref = before.objects[key]?.linked.ref
    return ref === undefined ? key : displayRef(ref)
  })
}

/**
 * Where an object cannot be applied because its namespace is not there, or is on its way out, all that the namespace had goes with it: it and the rest are
 * to be applied anew.
 */
export function withNamespacesAnew(state: State): State {
  const lacking = new Set(
    Object.values(state.objects).flatMap(({ apply, linked }) =>
      apply.kind === 'failed' &&
      apply.problem.kind === 'apply-rejected' &&
      apply.problem.reason === 'namespace' &&
      linked.ref.namespace !== undefined
        ? [linked.ref.namespace]
        : [],
    ),
  )
  if (lacking.size === 0) return state
  const isOf = ({ kind, name, namespace }: ObjectRef): boolean =>
    namespace === undefined ? kind === 'Namespace' && lacking.has(name) : lacking.has(namespace)
  const objects = Object.entries(state.objects).map(([key, object]) => {
    const { apply, linked } = object
    const isAnew =
      apply.kind === 'applied' &&
      isOf(linked.ref) &&
      linked.hook === undefined &&
      !isClearedAway(linked.object)
    return [key, isAnew ? newObject(linked) : object] as const
  })
  return { ...state, objects: Object.fromEntries(objects) }
}
