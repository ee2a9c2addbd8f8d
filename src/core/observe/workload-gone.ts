import { type KubeObject, refKey, refOf } from '../kube-object.js'
import type { Observation } from '../rollout-observation.js'
import { conditionsOf } from './fields.js'

/** The first two come a moment before the others, while the last pods end. */
const ENDS: readonly string[] = ['SuccessCriteriaMet', 'FailureTarget', 'Complete', 'Failed']

/** A Deployment, StatefulSet, DaemonSet or Job that is no more, as it was at the end; of one that nobody saw go, only its names are known. */
export function workloadGone(object: KubeObject): Extract<Observation, { type: 'workload-gone' }> {
  const isUnfinished =
    object.kind === 'Job' &&
    object.spec !== undefined &&
    !conditionsOf(object).some(({ type, status }) => status === 'True' && ENDS.includes(type))
  return {
    type: 'workload-gone',
    key: refKey(refOf(object)),
    uid: object.metadata.uid ?? '',
    ...(isUnfinished ? { unfinished: true } : {}),
  }
}
