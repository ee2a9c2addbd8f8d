import { apiGroup, type ObjectRef } from '../kube-object.js'
import { podPathOf } from './pod-template.js'

const CLUSTER_PREREQUISITES = new Set([
  'StorageClass',
  'PriorityClass',
  'RuntimeClass',
  'IngressClass',
  'CSIDriver',
  'VolumeAttributesClass',
  'DeviceClass',
  'GatewayClass',
])
const LATE = new Set([
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'APIService',
])
const CONFIG = new Set(['ConfigMap', 'Secret', 'ResourceQuota', 'LimitRange'])

/**
 * When an object is applied, among the others of a project:
 *
 * 0 Namespaces: everything namespaced is refused without its own.
 * 1 CRDs: their kinds do not exist before; the API server takes a moment to serve them.
 * 2 Cluster-wide classes (storage, priority, runtime, ingress): a pod that names a missing PriorityClass is refused, a PVC binds by its class.
 * 3 RBAC and ServiceAccounts: a pod of a missing ServiceAccount is refused, and one that starts before its rights crashes.
 * 4 ConfigMaps and Secrets, so that no container waits for its config; quotas and limits, which hold only for pods made after them.
 * 5 Volumes and claims, so that pods find them.
 * 6 Services and Endpoints: their addresses are in a pod's environment only if they were there first.
 * 7 Workloads.
 * 8 What refers to workloads and Services: autoscalers, disruption budgets, Ingresses, routes, custom resources, anything unknown.
 * 9 Webhooks, admission policies and APIServices: their backend is one of the workloads, and until it answers they refuse everything else.
 */
export function tierOf(ref: Pick<ObjectRef, 'apiVersion' | 'kind'>): number {
  const { kind } = ref
  const group = apiGroup(ref.apiVersion)
  if (podPathOf(ref) !== undefined) return 7
  if (group === '') {
    if (kind === 'Namespace') return 0
    if (kind === 'ServiceAccount') return 3
    if (CONFIG.has(kind)) return 4
    if (kind === 'PersistentVolume' || kind === 'PersistentVolumeClaim') return 5
    if (kind === 'Service' || kind === 'Endpoints') return 6
    return 8
  }
  if (group === 'apiextensions.k8s.io') return 1
  if (group === 'rbac.authorization.k8s.io') return 3
  if (group === 'discovery.k8s.io') return 6
  if (!group.includes('.') || group.endsWith('.k8s.io')) {
    if (CLUSTER_PREREQUISITES.has(kind)) return 2
    if (LATE.has(kind)) return 9
  }
  return 8
}

/** Orders objects for applying: by tier, then as the manifests have them. Stable with `toSorted`. */
export function compareTiers(a: { readonly tier: number }, b: { readonly tier: number }): number {
  return a.tier - b.tier
}
