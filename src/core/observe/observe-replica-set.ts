import type { KubeObject } from '../kube-object.js'
import type { ObservedReplicaSet } from '../rollout-observation.js'
import { annotatedNumber, countAt, textAt } from './fields.js'
import { imagesOf } from './observe-workload.js'

/** Cuts a ReplicaSet down. Revision 0 and an empty ownerUid: no Deployment made it. `replicas` is `status.replicas`. */
export function observeReplicaSet(object: KubeObject): ObservedReplicaSet {
  const { metadata } = object
  const controller = metadata.ownerReferences?.find(owner => owner.controller === true)
  return {
    uid: metadata.uid ?? '',
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    ownerUid: controller?.uid ?? '',
    revision: annotatedNumber(object, 'deployment.kubernetes.io/revision') ?? 0,
    podTemplateHash: textAt(object, 'metadata', 'labels', 'pod-template-hash') ?? '',
    replicas: countAt(object, 'status', 'replicas'),
    images: imagesOf(object),
  }
}
