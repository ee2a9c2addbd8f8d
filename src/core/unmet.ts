import { apiGroup, displayRef, type KubeObject, refOf } from './kube-object.js'
import { fieldsOf, itemsOf, stringOf, valueAt } from './manifest/fields.js'

/** Whether an object may be applied and yet do nothing, for the want of something that a local cluster often lacks. */
export function mayBeUnmet(object: KubeObject): boolean {
  const { apiVersion, kind } = object
  if (kind === 'Service' && apiVersion === 'v1') return fieldsOf(object.spec).type === 'LoadBalancer'
  if (kind === 'HorizontalPodAutoscaler') return apiGroup(apiVersion) === 'autoscaling'
  return kind === 'Gateway' && apiGroup(apiVersion) === 'gateway.networking.k8s.io'
}

/** What a live object of those kinds lacks, in words; undefined where it is as it should be. Nothing waits for any of it. */
export function unmetNeed(live: KubeObject): string | undefined {
  const name = displayRef(refOf(live))
  switch (live.kind) {
    case 'Service':
      return itemsOf(valueAt(live, ['status', 'loadBalancer', 'ingress'])).length > 0
        ? undefined
        : `${name} is a LoadBalancer without an address: nothing on this cluster gives it one. It works within the cluster all the same`
    case 'HorizontalPodAutoscaler': {
      const active = conditionOf(live, 'ScalingActive')
      if (active?.status === 'True') return undefined
      const why = stringOf(active?.message)
      return `${name} scales nothing, for it gets no metrics${why === undefined ? '' : ` (${why})`}`
    }
    case 'Gateway':
      return conditionOf(live, 'Programmed')?.status === 'True'
        ? undefined
        : `${name} is programmed by no controller: nothing on this cluster serves its routes`
    default:
      return undefined
  }
}

function conditionOf(object: KubeObject, type: string) {
  return itemsOf(valueAt(object, ['status', 'conditions']))
    .map(fieldsOf)
    .find(condition => condition.type === type)
}
