import type { ObservedWorkload } from '../rollout-observation.js'

/** Kubernetes' own default for Deployments; StatefulSets, DaemonSets and Jobs have no deadline for their progress. */
const DEFAULT_SECONDS = 600

/** What the API takes as "no deadline". */
const NEVER = 2 ** 31 - 1

/** How long a workload may take to become ready, in seconds; undefined where its manifest says that there is no limit. */
export function deadlineOf(workload: ObservedWorkload | undefined): number | undefined {
  const seconds = workload?.progressDeadlineSeconds ?? DEFAULT_SECONDS
  return seconds >= NEVER ? undefined : seconds
}
