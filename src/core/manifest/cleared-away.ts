import { apiGroup, type KubeObject } from '../kube-object.js'

/** Whether a chart wants its hook deleted once it did its work. Other hooks than Jobs and Pods have no end. */
export function goesWhenDone({ apiVersion, kind, metadata: { annotations = {} } }: KubeObject): boolean {
  const ends = (kind === 'Job' && apiGroup(apiVersion) === 'batch') || (kind === 'Pod' && apiVersion === 'v1')
  const policies = String(annotations['helm.sh/hook-delete-policy'] ?? '').split(',')
  return (
    ends &&
    annotations['helm.sh/hook'] !== undefined &&
    policies.some(policy => policy.trim() === 'hook-succeeded')
  )
}

/** Whether an object that did its work is no longer there in the end: it is not made again while its manifest stays the same. */
export function isClearedAway(object: KubeObject): boolean {
  if (goesWhenDone(object)) return true
  const { ttlSecondsAfterFinished } = (object.spec ?? {}) as { readonly ttlSecondsAfterFinished?: number }
  return object.kind === 'Job' && ttlSecondsAfterFinished !== undefined
}
