import type { RolloutFailed, RolloutFailureReason } from '../problem.js'
import type { ObservedCondition, ObservedWorkload } from '../rollout-observation.js'
import type { Cause } from './container-problem.js'
import { eventsCount, findCause } from './find-cause.js'
import { HOLDS_UP } from './holds-up.js'
import { judgePod } from './judge-pod.js'
import { LACKS_USER } from './lacks-user.js'
import { podProblem } from './pod-problem.js'
import { isEndpoint, isOver, podsOf, type WorkloadPods } from './pods-of.js'
import type { RolloutCounts, RolloutInput, RolloutStatus } from './rollout-status.js'

export type { RolloutInput, RolloutStatus } from './rollout-status.js'

/** What became of a workload since it was applied, by what is seen of it now. */
export function judgeRollout(input: RolloutInput): RolloutStatus {
  if (input.ref.kind === 'Pod') return judgePod(input)
  const { workload, applied } = input
  if (workload === undefined) return { kind: 'waiting', message: 'waiting to be seen' }
  if (workload.uid !== applied.uid)
    return { kind: 'waiting', message: 'was replaced by another object of its name' }
  // One that its time to live clears away is first marked as that.
  const hasEnded = workload.kind === 'Job' && (holds(workload, 'Complete') || holds(workload, 'Failed'))
  if (workload.deleting && !hasEnded) return { kind: 'waiting', message: 'is being deleted' }
  if (workload.kind === 'Job') return judgeJob(input, workload)
  if (workload.observedGeneration < Math.max(applied.generation, workload.generation)) {
    return { kind: 'waiting', message: 'waiting for the controller' }
  }
  const pods = podsOf(workload, input.pods, input.replicaSets)
  const counts = countsOf(workload, pods)
  return (
    finished(workload, counts) ??
    heldBack(workload, counts) ??
    failing(input, workload, pods, counts) ?? {
      kind: 'progressing',
      ...counts,
      message: progress(workload, counts, pods),
    }
  )
}

function countsOf(workload: ObservedWorkload, { newest, earlier }: WorkloadPods): RolloutCounts {
  return {
    ready: newest.filter(isEndpoint).length,
    desired: workload.desiredReplicas,
    updated: newest.filter(pod => !pod.deleting && !isOver(pod)).length,
    oldEndpoints: earlier.filter(isEndpoint).length,
  }
}

/** Done by the controller's counts and by the pods: these come by different watches, and the one may be ahead of the other. */
function finished(workload: ObservedWorkload, counts: RolloutCounts): RolloutStatus | undefined {
  const done = (message: string): RolloutStatus => ({ kind: 'done', ...counts, message })
  const { ready, desired, oldEndpoints } = counts
  const { updatedReplicas, totalReplicas, availableReplicas, readyReplicas } = workload
  switch (workload.kind) {
    case 'Deployment': {
      const rolled =
        updatedReplicas >= desired && totalReplicas <= updatedReplicas && availableReplicas >= updatedReplicas
      if (!rolled || ready < desired || oldEndpoints > 0) return undefined
      return done(desired === 0 ? 'scaled to 0' : `${ready} of ${desired} ready`)
    }
    case 'StatefulSet': {
      const kept = workload.updateStrategy === 'OnDelete' ? 0 : Math.min(workload.partition, desired)
      if (desired === 0) return totalReplicas === 0 && oldEndpoints === 0 ? done('scaled to 0') : undefined
      const rolled = readyReplicas >= desired && updatedReplicas >= desired - kept && totalReplicas <= desired
      if (!rolled || ready < desired - kept || (kept === 0 && oldEndpoints > 0)) return undefined
      // An OnDelete set never moves its current revision on.
      const settled =
        workload.updateStrategy === 'OnDelete' ||
        kept > 0 ||
        workload.currentRevision === workload.updateRevision
      if (!settled) return undefined
      return done(
        kept > 0
          ? `${ready} ready; the partition keeps ${kept} at the earlier revision`
          : `${ready} of ${desired} ready`,
      )
    }
    case 'DaemonSet':
      if (desired === 0) return totalReplicas === 0 ? done('no node is to run it') : undefined
      if (updatedReplicas < desired || availableReplicas < desired) return undefined
      return ready >= desired && oldEndpoints === 0 ? done(`${ready} of ${desired} nodes ready`) : undefined
    default:
      return readyReplicas >= desired ? done(`${readyReplicas} of ${desired} ready`) : undefined
  }
}

function heldBack(workload: ObservedWorkload, counts: RolloutCounts): RolloutStatus | undefined {
  if (workload.kind === 'Deployment' && workload.paused) {
    return { kind: 'held', reason: 'paused', ...counts, message: 'the Deployment is paused' }
  }
  const { desired } = counts
  const kept = desired - workload.updatedReplicas
  // Pods that are gone or not ready are for the controller to bring; only healthy ones wait for a person.
  const healthy = Math.max(workload.readyReplicas, workload.availableReplicas) >= desired
  if (workload.updateStrategy !== 'OnDelete' || !healthy || kept <= 0) return undefined
  const message = `updateStrategy is OnDelete: ${kept} of ${desired} pods keep the earlier revision until they are deleted`
  return { kind: 'held', reason: 'on-delete', ...counts, message }
}

function failing(
  input: RolloutInput,
  workload: ObservedWorkload,
  pods: WorkloadPods,
  counts: RolloutCounts,
): RolloutStatus | undefined {
  const cause = findCause(input, workload, pods)
  const expired = deadlineExceeded(input, workload)
  const blocked = blockingPod(input, workload, pods)
  const shown = cause ?? blocked?.cause ?? expired
  if (shown === undefined) return undefined
  const problem = problemOf(workload, shown)
  return {
    kind: 'failing',
    problem,
    final: expired !== undefined || (cause !== undefined && isHopeless(cause)),
    ...counts,
    message: problem.message,
    ...(blocked === undefined ? {} : { blockedBy: blocked.by }),
  }
}

/** After how many restarts a program that is not in the image is taken to stay away; a file that comes with a volume may be late. */
const HOPELESS_AFTER = 2

/** A command or a user that the image does not have is not there the next time either; nor is a cluster where there is none. */
function isHopeless({ reason, message, restarts = 0 }: Cause): boolean {
  if (reason === 'needs-cluster') return true
  if (reason === 'start-error' && LACKS_USER.test(message)) return true
  const lacks = /executable file not found|no such file or directory|permission denied|exec format error/
  return reason === 'start-error' && restarts >= HOPELESS_AFTER && lacks.test(message)
}

/** The deadline, unless it passed before the apply: a change of metadata shows the old condition again under a new generation. */
function deadlineExceeded({ applied }: RolloutInput, workload: ObservedWorkload): Cause | undefined {
  const progressing = condition(workload, 'Progressing')
  if (progressing?.reason !== 'ProgressDeadlineExceeded') return undefined
  const since = eventsCount({ ...applied, changed: true })
  if (progressing.lastUpdateTime === undefined || Date.parse(progressing.lastUpdateTime) < since)
    return undefined
  return { reason: 'deadline', message: progressing.message ?? 'The progress deadline passed.' }
}

/** An ordered StatefulSet waits for every pod, also for a broken one of the revision that it is to replace. */
function blockingPod(input: RolloutInput, workload: ObservedWorkload, { earlier }: WorkloadPods) {
  if (workload.kind !== 'StatefulSet') return undefined
  const since = eventsCount(input.applied)
  for (const pod of earlier) {
    const cause = podProblem(pod, input.eventsOf(pod.uid), { since, at: input.at })
    if (cause === undefined) continue
    const message = `${pod.name} ${HOLDS_UP}: ${cause.message}`
    return { cause: { ...cause, message }, by: { pod: pod.name, podUid: pod.uid } }
  }
  return undefined
}

function progress(
  workload: ObservedWorkload,
  { ready, desired, updated, oldEndpoints }: RolloutCounts,
  { newest }: WorkloadPods,
): string {
  const early = newest.filter(({ answers }) => answers === true).length
  if (early > 0) return `${ready} of ${desired} ready, ${early} answers already`
  if (workload.kind === 'Deployment' && ready >= desired && oldEndpoints > 0) {
    return `${ready} of ${desired} ready, ${oldEndpoints} of the earlier revision still serving`
  }
  return updated < desired
    ? `${ready} of ${desired} ready, ${updated} started`
    : `${ready} of ${desired} ready`
}

function judgeJob(input: RolloutInput, workload: ObservedWorkload): RolloutStatus {
  const pods = podsOf(workload, input.pods, input.replicaSets)
  const counts: RolloutCounts = {
    ready: pods.newest.filter(pod => pod.phase === 'Succeeded').length,
    desired: workload.desiredReplicas,
    updated: pods.newest.length,
    oldEndpoints: 0,
  }
  if (holds(workload, 'Complete')) return { kind: 'done', ...counts, message: 'completed' }
  const cause = findCause(input, workload, pods)
  const failed = condition(workload, 'Failed')
  if (failed?.status === 'True') {
    const message = [failed.message ?? failed.reason ?? 'The Job failed.', cause?.message]
      .filter(Boolean)
      .join(' ')
    const problem = problemOf(workload, { ...cause, reason: 'job-failed', message })
    return { kind: 'failing', problem, final: true, ...counts, message }
  }
  if (workload.suspended === true || holds(workload, 'Suspended')) {
    return { kind: 'held', reason: 'suspended', ...counts, message: 'the Job is suspended' }
  }
  if (cause !== undefined) {
    const problem = problemOf(workload, cause)
    return { kind: 'failing', problem, final: false, ...counts, message: problem.message }
  }
  return { kind: 'progressing', ...counts, message: `${counts.ready} of ${counts.desired} completed` }
}

function problemOf(
  workload: ObservedWorkload,
  cause: Cause & { readonly reason: RolloutFailureReason },
): RolloutFailed {
  return {
    ...cause,
    kind: 'rollout-failed',
    workload: `${workload.kind.toLowerCase()}/${workload.name}`,
    namespace: workload.namespace,
    lastLines: [],
  }
}

function condition(workload: ObservedWorkload, type: string): ObservedCondition | undefined {
  return workload.conditions.find(one => one.type === type)
}

function holds(workload: ObservedWorkload, type: string): boolean {
  return condition(workload, type)?.status === 'True'
}
