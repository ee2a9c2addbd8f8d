import { apiGroup, type KubeObject } from '../kube-object.js'
import { stringOf, valueAt } from './fields.js'

export type Scope = 'namespaced' | 'cluster'

/** What a cluster's discovery says of a kind; undefined where it does not serve it, or was not asked. */
export type ScopeLookup = (apiVersion: string, kind: string) => Scope | undefined

// Of Kubernetes 1.34; the built-in groups' kinds that are not here are namespaced.
const CLUSTER_WIDE = new Set([
  '/Namespace',
  '/Node',
  '/PersistentVolume',
  '/ComponentStatus',
  'admissionregistration.k8s.io/MutatingAdmissionPolicy',
  'admissionregistration.k8s.io/MutatingAdmissionPolicyBinding',
  'admissionregistration.k8s.io/MutatingWebhookConfiguration',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding',
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
  'apiextensions.k8s.io/CustomResourceDefinition',
  'apiregistration.k8s.io/APIService',
  'authentication.k8s.io/SelfSubjectReview',
  'authentication.k8s.io/TokenReview',
  'certificates.k8s.io/CertificateSigningRequest',
  'certificates.k8s.io/ClusterTrustBundle',
  'flowcontrol.apiserver.k8s.io/FlowSchema',
  'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration',
  'gateway.networking.k8s.io/GatewayClass',
  'networking.k8s.io/IngressClass',
  'networking.k8s.io/IPAddress',
  'networking.k8s.io/ServiceCIDR',
  'node.k8s.io/RuntimeClass',
  'rbac.authorization.k8s.io/ClusterRole',
  'rbac.authorization.k8s.io/ClusterRoleBinding',
  'resource.k8s.io/DeviceClass',
  'resource.k8s.io/ResourceSlice',
  'scheduling.k8s.io/PriorityClass',
  'policy/PodSecurityPolicy',
  'storage.k8s.io/CSIDriver',
  'storage.k8s.io/CSINode',
  'storage.k8s.io/StorageClass',
  'storage.k8s.io/VolumeAttachment',
  'storage.k8s.io/VolumeAttributesClass',
])

/**
 * The scope of kinds: what the cluster says, then what the CRDs among these objects say, then the built-in kinds. A kind that none of them
 * knows counts as namespaced, as most are.
 */
export function scopesOf(
  objects: readonly KubeObject[],
  discovered: ScopeLookup,
): (apiVersion: string, kind: string) => Scope {
  const defined = new Map<string, Scope>()
  for (const object of objects) {
    if (object.kind !== 'CustomResourceDefinition') continue
    const group = stringOf(valueAt(object, ['spec', 'group']))
    const kind = stringOf(valueAt(object, ['spec', 'names', 'kind']))
    if (group === undefined || kind === undefined) continue
    const namespaced = valueAt(object, ['spec', 'scope']) === 'Namespaced'
    defined.set(`${group}/${kind}`, namespaced ? 'namespaced' : 'cluster')
  }
  return (apiVersion, kind) => {
    const key = `${apiGroup(apiVersion)}/${kind}`
    return (
      discovered(apiVersion, kind) ?? defined.get(key) ?? (CLUSTER_WIDE.has(key) ? 'cluster' : 'namespaced')
    )
  }
}
