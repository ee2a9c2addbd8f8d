import { apiGroup, type KubeObject } from '../kube-object.js'

/** Groups and kinds that say how things are, or that the cluster keeps about other objects: never what somebody put there. */
const echoes = new Set([
  '/Event',
  'events.k8s.io/Event',
  '/Endpoints',
  'discovery.k8s.io/EndpointSlice',
  'coordination.k8s.io/Lease',
])

export function isListedForContents(apiVersion: string, kind: string): boolean {
  const group = apiGroup(apiVersion)
  return group !== 'metrics.k8s.io' && !echoes.has(`${group}/${kind}`)
}

/**
 * What in a namespace somebody else put there. Left out: what every namespace has, what is being deleted already, what belongs to another
 * object (that one counts), and `ours`.
 */
export function foreignContents(
  contents: readonly KubeObject[],
  ours: ReadonlySet<string>,
): readonly KubeObject[] {
  const seen = new Set<string>()
  return contents.filter(object => {
    const { uid = '', name, deletionTimestamp, ownerReferences = [], annotations = {} } = object.metadata
    if (seen.has(uid)) return false
    seen.add(uid)
    if (ours.has(uid) || deletionTimestamp !== undefined || ownerReferences.length > 0) return false
    if (object.kind === 'ConfigMap' && ['kube-root-ca.crt', 'openshift-service-ca.crt'].includes(name))
      return false
    if (object.kind === 'ServiceAccount' && name === 'default') return false
    return annotations['kubernetes.io/service-account.name'] !== 'default'
  })
}
