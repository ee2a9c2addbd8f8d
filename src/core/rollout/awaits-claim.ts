import type { ObservedPod } from '../rollout-observation.js'

/** For that long after a pod was made, in milliseconds, the scheduler may not have seen the claims that were made with it, nor their volumes. */
export const CLAIM_PATIENCE = 10_000

/** Whether a pod is not scheduled for a claim, as the scheduler says: nothing is wrong yet where the pod is new. */
export function awaitsClaim({ unschedulable, deleting }: ObservedPod): boolean {
  return !deleting && unschedulable !== undefined && /persistentvolumeclaim/i.test(unschedulable)
}
