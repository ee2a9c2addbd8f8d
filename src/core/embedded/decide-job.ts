import { fieldsOf, itemsOf, valueAt, withValueAt } from '../manifest/fields.js'
import { numberAt, textAt } from '../observe/fields.js'
import type { Action, Decision, WorkloadView } from './decision.js'
import { isControlledBy, isGoing, isReady, phaseOf, podOf } from './pod-from-template.js'

/** Kubernetes' own defaults. */
const BACKOFF_LIMIT = 6
const FIRST_PAUSE = 10_000
const LONGEST_PAUSE = 360_000

/** A Job, one pod at a time: until as many ended well as are wanted, or more failed than `backoffLimit` allows. */
export function decideJob({ workload, pods, now }: WorkloadView): Decision {
  if (isGoing(workload)) return { actions: [] }
  const own = pods.filter(pod => isControlledBy(pod, workload))
  const { completionTime } = fieldsOf(workload.status)
  const isOver = completionTime !== undefined || holds(workload, 'Failed')
  const succeeded = own.filter(pod => phaseOf(pod) === 'Succeeded').length
  const failed = own.filter(pod => phaseOf(pod) === 'Failed')
  const active = own.filter(pod => !isGoing(pod) && phaseOf(pod) !== 'Succeeded' && phaseOf(pod) !== 'Failed')
  const wanted = numberAt(workload, 'spec', 'completions') ?? 1
  const limit = numberAt(workload, 'spec', 'backoffLimit') ?? BACKOFF_LIMIT
  const startTime = textAt(workload, 'status', 'startTime') ?? new Date(now).toISOString()
  const at = new Date(now).toISOString()
  const status = {
    startTime,
    active: active.length,
    succeeded,
    failed: failed.length,
    ready: active.filter(isReady).length,
  }
  if (isOver) {
    const seconds = numberAt(workload, 'spec', 'ttlSecondsAfterFinished')
    const ended = Date.parse(textAt(workload, 'status', 'endedAt') ?? at)
    if (seconds === undefined) return { actions: [] }
    const goesAt = ended + seconds * 1000
    return now >= goesAt
      ? { actions: [{ type: 'delete', object: workload }] }
      : { actions: [], wakeAt: goesAt }
  }
  const actions: Action[] = []
  const update = (more: Readonly<Record<string, unknown>>): Decision => ({
    actions: [...actions, { type: 'update', object: workload, status: { ...status, ...more } }],
  })
  const end = (type: 'Complete' | 'Failed', reason?: string, message?: string) =>
    update({
      endedAt: at,
      ...(type === 'Complete' ? { completionTime: at } : {}),
      conditions: [{ type, status: 'True', reason, message, lastTransitionTime: at }],
    })
  if (succeeded >= wanted) return end('Complete')
  if (valueAt(workload, ['spec', 'suspend']) === true) {
    for (const pod of active) actions.push({ type: 'delete', object: pod })
    return update({ conditions: [{ type: 'Suspended', status: 'True', lastTransitionTime: at }] })
  }
  // A container that restarts in its pod counts as the pod that would have been made for it.
  const restarts = active.reduce((sum, pod) => sum + restartsOf(pod), 0)
  const deadline = numberAt(workload, 'spec', 'activeDeadlineSeconds')
  const expiresAt = deadline === undefined ? undefined : Date.parse(startTime) + deadline * 1000
  const isExpired = expiresAt !== undefined && now >= expiresAt
  if (failed.length > limit || restarts > limit || isExpired) {
    for (const pod of active) actions.push({ type: 'delete', object: pod })
    return isExpired
      ? end('Failed', 'DeadlineExceeded', 'Job was active longer than specified deadline')
      : end('Failed', 'BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  }
  const lastEnd = Math.max(0, ...failed.map(endOf))
  const pause = Math.min(FIRST_PAUSE * 2 ** Math.max(0, failed.length - 1), LONGEST_PAUSE)
  const mayStart = failed.length === 0 ? now : lastEnd + pause
  if (active.length === 0 && now >= mayStart) {
    const pod = podOf({
      owner: workload,
      name: `${workload.metadata.name}-`,
      labels: { 'batch.kubernetes.io/job-name': workload.metadata.name, 'job-name': workload.metadata.name },
    })
    actions.push({ type: 'create', object: withPolicy(pod) })
  }
  const wakes = [
    ...(active.length === 0 && now < mayStart ? [mayStart] : []),
    ...(expiresAt === undefined ? [] : [expiresAt]),
  ]
  return { ...update({}), ...(wakes.length === 0 ? {} : { wakeAt: Math.min(...wakes) }) }
}

/** The API server refuses a Job whose pods would restart for ever; what was written without a policy runs once. */
function withPolicy(pod: ReturnType<typeof podOf>): ReturnType<typeof podOf> {
  const policy = valueAt(pod, ['spec', 'restartPolicy'])
  return policy === 'OnFailure' || policy === 'Never'
    ? pod
    : (withValueAt(pod, ['spec', 'restartPolicy'], 'Never') as ReturnType<typeof podOf>)
}

function holds(workload: WorkloadView['workload'], type: string): boolean {
  return itemsOf(valueAt(workload, ['status', 'conditions']))
    .map(fieldsOf)
    .some(one => one.type === type && one.status === 'True')
}

function restartsOf(pod: WorkloadView['workload']): number {
  return itemsOf(valueAt(pod, ['status', 'containerStatuses'])).reduce<number>(
    (sum, status) => sum + (numberAt(status, 'restartCount') ?? 0),
    0,
  )
}

function endOf(pod: WorkloadView['workload']): number {
  const ends = itemsOf(valueAt(pod, ['status', 'containerStatuses'])).map(status =>
    Date.parse(textAt(status, 'state', 'terminated', 'finishedAt') ?? ''),
  )
  return Math.max(0, ...ends.filter(Number.isFinite))
}
