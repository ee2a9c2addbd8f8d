import { displayRef, type ObjectRef } from '../kube-object.js'
import type { Observation } from '../rollout-observation.js'
import type { ObjectState, State } from '../state.js'
import { newObject } from './update.js'

/** Kinds that are there for as long as their manifest is. A Job goes when it did its work. */
const LASTING: readonly string[] = ['Deployment', 'StatefulSet', 'DaemonSet']

/** Workloads of ours that somebody deleted in the cluster are to be made again: it is to be as the files say. */
export function withDeleted(state: State, observations: readonly Observation[]): State {
  const keys = deletedOf(state, observations)
  if (keys.length === 0) return state
  const anew = keys.flatMap(key => {
    const object = state.objects[key]
    return object === undefined ? [] : [[key, newObject(object.linked)] as const]
  })
  return { ...state, objects: { ...state.objects, ...Object.fromEntries(anew) } }
}

/** Keys of the workloads that are as we applied them last, and are no more. */
function deletedOf(state: State, observations: readonly Observation[]): readonly string[] {
  if (state.stopping) return []
  return observations.flatMap(observation => {
    if (observation.type !== 'workload-gone') return []
    const object = state.objects[observation.key]
    const isOurs = object?.apply.kind === 'applied' && object.apply.uid === observation.uid
    return isOurs && isLasting(object) ? [observation.key] : []
  })
}

const isLasting = ({ linked: { ref, hook } }: ObjectState): boolean =>
  LASTING.includes(ref.kind) && hook === undefined

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
      apply.kind === 'applied' && isOf(linked.ref) && linked.ref.kind !== 'Job' && linked.hook === undefined
    return [key, isAnew ? newObject(linked) : object] as const
  })
  return { ...state, objects: Object.fromEntries(objects) }
}
