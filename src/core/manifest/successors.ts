import { displayRef, type KubeObject, type ManifestObject, refOf } from '../kube-object.js'
import type { Diagnostic } from '../problem.js'
import { autoscalerOfApps, autoscalerOfV2 } from './successor-autoscaler.js'
import { ingressOfV1 } from './successor-ingress.js'
import {
  bindingOfV1,
  budgetOfV1,
  endpointSliceOfV1,
  priorityLevelOfV1,
  webhooksOfV1,
} from './successor-others.js'
import { workloadOfV1 } from './successor-workload.js'

/** What took the place of a version of a kind that Kubernetes dropped. https://kubernetes.io/docs/reference/using-api/deprecation-guide/ */
export interface Successor {
  readonly apiVersion: string
  /** The version of Kubernetes that no longer serves the old one: `1.22`. */
  readonly removedIn: string
  /** The object in the successor's structure, its apiVersion still the old one. Undefined where it says something that the successor refuses. */
  readonly convert: (object: KubeObject) => KubeObject | undefined
}

const same = (object: KubeObject) => object

function entries(
  apiVersions: readonly string[],
  kinds: readonly string[],
  successor: Omit<Successor, 'convert'> & Partial<Pick<Successor, 'convert'>>,
): readonly (readonly [string, Successor])[] {
  return apiVersions.flatMap(apiVersion =>
    kinds.map(kind => [`${apiVersion}/${kind}`, { convert: same, ...successor }] as const),
  )
}

const rbac = 'rbac.authorization.k8s.io'
const storage = 'storage.k8s.io'
const admission = 'admissionregistration.k8s.io'
const flowcontrol = 'flowcontrol.apiserver.k8s.io'
const workloads = { apiVersion: 'apps/v1', removedIn: '1.16', convert: workloadOfV1 }
const ingress = { apiVersion: 'networking.k8s.io/v1', removedIn: '1.22', convert: ingressOfV1 }
const policies = ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding']

const SUCCESSORS: ReadonlyMap<string, Successor> = new Map([
  ...entries([`${rbac}/v1beta1`], ['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'], {
    apiVersion: `${rbac}/v1`,
    removedIn: '1.22',
  }),
  ...entries([`${rbac}/v1alpha1`], ['Role', 'ClusterRole'], { apiVersion: `${rbac}/v1`, removedIn: '1.23' }),
  ...entries([`${rbac}/v1alpha1`], ['RoleBinding', 'ClusterRoleBinding'], {
    apiVersion: `${rbac}/v1`,
    removedIn: '1.23',
    convert: bindingOfV1,
  }),
  ...entries(['extensions/v1beta1', 'networking.k8s.io/v1beta1'], ['Ingress'], ingress),
  ...entries(['networking.k8s.io/v1beta1'], ['IngressClass'], { ...ingress, convert: same }),
  ...entries(['extensions/v1beta1'], ['NetworkPolicy'], {
    apiVersion: 'networking.k8s.io/v1',
    removedIn: '1.16',
  }),
  ...entries(['extensions/v1beta1'], ['Deployment', 'DaemonSet', 'ReplicaSet'], workloads),
  ...entries(['apps/v1beta1'], ['Deployment', 'StatefulSet'], workloads),
  ...entries(['apps/v1beta2'], ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'], workloads),
  ...entries(['autoscaling/v2beta1'], ['HorizontalPodAutoscaler'], {
    apiVersion: 'autoscaling/v2',
    removedIn: '1.25',
    convert: autoscalerOfV2,
  }),
  ...entries(['autoscaling/v2beta2'], ['HorizontalPodAutoscaler'], {
    apiVersion: 'autoscaling/v2',
    removedIn: '1.26',
    convert: autoscalerOfApps,
  }),
  ...entries(['batch/v2alpha1'], ['CronJob'], { apiVersion: 'batch/v1', removedIn: '1.21' }),
  ...entries(['batch/v1beta1'], ['CronJob'], { apiVersion: 'batch/v1', removedIn: '1.25' }),
  ...entries(['policy/v1beta1'], ['PodDisruptionBudget'], {
    apiVersion: 'policy/v1',
    removedIn: '1.25',
    convert: budgetOfV1,
  }),
  ...entries(['scheduling.k8s.io/v1alpha1', 'scheduling.k8s.io/v1beta1'], ['PriorityClass'], {
    apiVersion: 'scheduling.k8s.io/v1',
    removedIn: '1.22',
  }),
  ...entries([`${storage}/v1beta1`], ['StorageClass', 'VolumeAttachment', 'CSIDriver', 'CSINode'], {
    apiVersion: `${storage}/v1`,
    removedIn: '1.22',
  }),
  ...entries([`${storage}/v1beta1`], ['CSIStorageCapacity'], {
    apiVersion: `${storage}/v1`,
    removedIn: '1.27',
  }),
  ...entries([`${admission}/v1beta1`], ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'], {
    apiVersion: `${admission}/v1`,
    removedIn: '1.22',
    convert: webhooksOfV1,
  }),
  ...entries([`${admission}/v1alpha1`, `${admission}/v1beta1`], policies, {
    apiVersion: `${admission}/v1`,
    removedIn: '1.34',
  }),
  ...entries(['discovery.k8s.io/v1beta1'], ['EndpointSlice'], {
    apiVersion: 'discovery.k8s.io/v1',
    removedIn: '1.25',
    convert: endpointSliceOfV1,
  }),
  ...entries(['apiregistration.k8s.io/v1beta1'], ['APIService'], {
    apiVersion: 'apiregistration.k8s.io/v1',
    removedIn: '1.22',
  }),
  ...entries(['coordination.k8s.io/v1beta1'], ['Lease'], {
    apiVersion: 'coordination.k8s.io/v1',
    removedIn: '1.22',
  }),
  ...entries(['node.k8s.io/v1beta1'], ['RuntimeClass'], { apiVersion: 'node.k8s.io/v1', removedIn: '1.25' }),
  ...entries([`${flowcontrol}/v1beta1`, `${flowcontrol}/v1beta2`, `${flowcontrol}/v1beta3`], ['FlowSchema'], {
    apiVersion: `${flowcontrol}/v1`,
    removedIn: '1.32',
  }),
  ...entries(
    [`${flowcontrol}/v1beta1`, `${flowcontrol}/v1beta2`, `${flowcontrol}/v1beta3`],
    ['PriorityLevelConfiguration'],
    { apiVersion: `${flowcontrol}/v1`, removedIn: '1.32', convert: priorityLevelOfV1 },
  ),
])

/** The successor of an old version of a built-in kind; undefined for versions that have none, or are none that was dropped. */
export function successorOf(object: {
  readonly apiVersion: string
  readonly kind: string
}): Successor | undefined {
  return SUCCESSORS.get(`${object.apiVersion}/${object.kind}`)
}

/** An object as its successor has it; undefined where there is none that it could be. */
export function inSuccessor(object: KubeObject): KubeObject | undefined {
  const successor = successorOf(object)
  const converted = successor?.convert(object)
  return successor === undefined || converted === undefined
    ? undefined
    : { ...converted, apiVersion: successor.apiVersion }
}

export interface Modernised {
  readonly objects: readonly ManifestObject[]
  /** One warning for each object that was converted. */
  readonly diagnostics: readonly Diagnostic[]
}

/** Puts objects in versions that a cluster no longer serves into the successor that it does serve. `serves` is asked with `apiVersion/Kind`. */
export function modernise(
  objects: readonly ManifestObject[],
  serves: (apiVersionAndKind: string) => boolean,
): Modernised {
  const diagnostics: Diagnostic[] = []
  const modern = objects.map(manifest => {
    const { object, source } = manifest
    const successor = serves(`${object.apiVersion}/${object.kind}`) ? undefined : successorOf(object)
    if (successor === undefined || !serves(`${successor.apiVersion}/${object.kind}`)) return manifest
    const converted = inSuccessor(object)
    if (converted === undefined) return manifest
    diagnostics.push({
      severity: 'warning',
      message: `${displayRef(refOf(object))} is in ${object.apiVersion}, which this cluster no longer serves: it is applied as ${successor.apiVersion}`,
      range: source,
      suggestion: `write apiVersion: ${successor.apiVersion}`,
    })
    return { ...manifest, object: converted }
  })
  return { objects: modern, diagnostics }
}
