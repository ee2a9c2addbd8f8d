import { apiGroup, type ObjectRef } from '../kube-object.js'

/** Groups of which Kubernetes itself is the controller. Objects of any other group may need their controller, a workload of ours, to go. */
const builtIn = /^$|^(apps|batch|autoscaling|policy|extensions)$|\.k8s\.io$/
const clusterWide = new Set([
  'PersistentVolume',
  'StorageClass',
  'ClusterRole',
  'ClusterRoleBinding',
  'PriorityClass',
])

/**
 * Objects of a lower wave are gone before the next wave starts; within one, the last created goes first. Webhooks go before the servers that
 * they call, custom resources before their controllers, claims after the pods that mount them, definitions and namespaces last.
 */
export function downWave(ref: ObjectRef): number {
  const group = apiGroup(ref.apiVersion)
  if (group === 'admissionregistration.k8s.io' || group === 'apiregistration.k8s.io') return 0
  if (ref.kind === 'Namespace' && group === '') return 6
  if (ref.kind === 'CustomResourceDefinition') return 5
  if (clusterWide.has(ref.kind)) return 4
  if (ref.kind === 'PersistentVolumeClaim' && group === '') return 3
  return builtIn.test(group) ? 2 : 1
}
