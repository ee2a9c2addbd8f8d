import type { LinkedObject } from '../manifest/link.js'

const LASTING: readonly string[] = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
]

/** Whether a workload's pods go on running until another image comes: files for those of a Job would come too late. */
export function isLasting({ ref }: Pick<LinkedObject, 'ref'>): boolean {
  return LASTING.includes(ref.kind)
}
