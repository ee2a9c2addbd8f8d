import { apiGroup, displayRef, type KubeObject, refOf } from './kube-object.js'
import { fieldsOf, itemsOf, stringOf, valueAt } from './manifest/fields.js'

/** Whether an object may be applied and yet do nothing, for the want of something that a local cluster often lacks. */
export function mayBeUnmet(object: KubeObject): boolean {
  const { apiVersion, kind } = object
  if (kind === 'Service' && apiVersion === 'v1') return fieldsOf(object.spec).type === 'LoadBalancer'
  if (kind === 'HorizontalPodAutoscaler') return apiGroup(apiVersion) === 'autoscaling'
  return kind === 'Gateway' && apiGroup(apiVersion) === 'gateway.networking.k8s.io'
}

/** What a live object of those kinds lacks; nothing waits for it. */
export interface Unmet {
  readonly kind: 'address' | 'metrics' | 'controller'
  /** As `displayRef` has it. */
  readonly object: string
  /** In the cluster's words. */
  readonly why?: string
}

/** Undefined where the object is as it should be, or cannot be judged. */
export function unmetNeed(live: KubeObject): Unmet | undefined {
  const object = displayRef(refOf(live))
  switch (live.kind) {
    case 'Service':
      return itemsOf(valueAt(live, ['status', 'loadBalancer', 'ingress'])).length > 0
        ? undefined
        : { kind: 'address', object }
    case 'HorizontalPodAutoscaler': {
      const active = conditionOf(live, 'ScalingActive')
      // What runs no pods is not scaled, whatever the metrics.
      if (active?.status === 'True' || active?.reason === 'ScalingDisabled') return undefined
      const why = stringOf(active?.message)
      return { kind: 'metrics', object, ...(why === undefined ? {} : { why }) }
    }
    case 'Gateway':
      return conditionOf(live, 'Programmed')?.status === 'True' ? undefined : { kind: 'controller', object }
    default:
      return undefined
  }
}

/** How many objects are named; of more, how many there are says more than their names. */
const NAMED = 3

/** Lines for people, one for each kind of want: a cluster without metrics has them for no autoscaler. */
export function unmetLines(needs: readonly Unmet[]): readonly string[] {
  return [...new Set(needs.map(({ kind }) => kind))].map(kind => {
    const same = needs.filter(need => need.kind === kind)
    const names = same.slice(0, NAMED).map(({ object }) => object)
    const all = same.length > NAMED ? `${names.join(', ')} and ${same.length - NAMED} more` : names.join(', ')
    return `${all} ${wordsOf(kind, same.length === 1, same[0]?.why)}`
  })
}

function wordsOf(kind: Unmet['kind'], isOne: boolean, why: string | undefined): string {
  switch (kind) {
    case 'address':
      return isOne
        ? 'is a LoadBalancer without an address: nothing on this cluster gives it one. It works within the cluster all the same'
        : 'are LoadBalancers without an address: nothing on this cluster gives them one. They work within the cluster all the same'
    case 'metrics':
      return `${isOne ? 'scales nothing, for it gets' : 'scale nothing, for they get'} no metrics${why === undefined ? '' : ` (${why})`}`
    case 'controller':
      return isOne
        ? 'is programmed by no controller: nothing on this cluster serves its routes'
        : 'are programmed by no controller: nothing on this cluster serves their routes'
  }
}

function conditionOf(object: KubeObject, type: string) {
  return itemsOf(valueAt(object, ['status', 'conditions']))
    .map(fieldsOf)
    .find(condition => condition.type === type)
}
