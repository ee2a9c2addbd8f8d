import type { KubeObject } from '../kube-object.js'
import { fieldsOf, itemsOf, stringOf, valueAt } from '../manifest/fields.js'

/** A kind that the embedded provider serves. */
export interface ServedKind {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
}

const of = (apiVersion: string, namespaced: boolean, kinds: Readonly<Record<string, string>>) =>
  Object.entries(kinds).map(([kind, plural]): ServedKind => ({ apiVersion, kind, plural, namespaced }))

/**
 * The kinds of a cluster as it is made, and those of the Gateway API, whose routes devloop's own gateway serves. Those that run nothing here are kept as they
 * were applied.
 */
const builtIn: readonly ServedKind[] = [
  ...of('v1', false, { Namespace: 'namespaces', Node: 'nodes', PersistentVolume: 'persistentvolumes' }),
  ...of('v1', true, {
    ConfigMap: 'configmaps',
    Endpoints: 'endpoints',
    Event: 'events',
    LimitRange: 'limitranges',
    PersistentVolumeClaim: 'persistentvolumeclaims',
    Pod: 'pods',
    ResourceQuota: 'resourcequotas',
    Secret: 'secrets',
    Service: 'services',
    ServiceAccount: 'serviceaccounts',
  }),
  ...of('apps/v1', true, {
    ControllerRevision: 'controllerrevisions',
    DaemonSet: 'daemonsets',
    Deployment: 'deployments',
    ReplicaSet: 'replicasets',
    StatefulSet: 'statefulsets',
  }),
  ...of('batch/v1', true, { CronJob: 'cronjobs', Job: 'jobs' }),
  ...of('autoscaling/v2', true, { HorizontalPodAutoscaler: 'horizontalpodautoscalers' }),
  ...of('policy/v1', true, { PodDisruptionBudget: 'poddisruptionbudgets' }),
  ...of('networking.k8s.io/v1', true, { Ingress: 'ingresses', NetworkPolicy: 'networkpolicies' }),
  ...of('networking.k8s.io/v1', false, { IngressClass: 'ingressclasses' }),
  ...of('rbac.authorization.k8s.io/v1', true, { Role: 'roles', RoleBinding: 'rolebindings' }),
  ...of('rbac.authorization.k8s.io/v1', false, {
    ClusterRole: 'clusterroles',
    ClusterRoleBinding: 'clusterrolebindings',
  }),
  ...of('storage.k8s.io/v1', false, { StorageClass: 'storageclasses' }),
  ...of('scheduling.k8s.io/v1', false, { PriorityClass: 'priorityclasses' }),
  ...of('apiextensions.k8s.io/v1', false, { CustomResourceDefinition: 'customresourcedefinitions' }),
  ...of('gateway.networking.k8s.io/v1', false, { GatewayClass: 'gatewayclasses' }),
  ...of('gateway.networking.k8s.io/v1', true, {
    GRPCRoute: 'grpcroutes',
    Gateway: 'gateways',
    HTTPRoute: 'httproutes',
  }),
  ...of('gateway.networking.k8s.io/v1beta1', true, { ReferenceGrant: 'referencegrants' }),
]

/** The built-in kinds, and those that these CustomResourceDefinitions define. */
export function servedKinds(definitions: readonly KubeObject[]): readonly ServedKind[] {
  return [...builtIn, ...definitions.flatMap(definedKinds)]
}

function definedKinds({ spec }: KubeObject): readonly ServedKind[] {
  const { group, scope } = fieldsOf(spec)
  const kind = stringOf(valueAt(spec, ['names', 'kind']))
  const plural = stringOf(valueAt(spec, ['names', 'plural']))
  if (kind === undefined || plural === undefined || typeof group !== 'string') return []
  return itemsOf(fieldsOf(spec).versions)
    .map(fieldsOf)
    .flatMap(({ name, served }) =>
      typeof name === 'string' && served !== false
        ? [{ apiVersion: `${group}/${name}`, kind, plural, namespaced: scope !== 'Cluster' }]
        : [],
    )
}
