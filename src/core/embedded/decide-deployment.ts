import type { KubeObject } from '../kube-object.js'
import { fieldsOf, itemsOf, valueAt } from '../manifest/fields.js'
import { annotatedNumber, numberAt, textAt } from '../observe/fields.js'
import type { Action, Decision, WorkloadView } from './decision.js'
import {
  controllerOf,
  fixedPortAnnotation,
  isControlledBy,
  isEnded,
  isGoing,
  isReady,
  podOf,
  templateHash,
} from './pod-from-template.js'

const REVISION = 'deployment.kubernetes.io/revision'
const HASH = 'pod-template-hash'
/** Kubernetes' own defaults. */
const DEADLINE_SECONDS = 600
const HISTORY = 10

/**
 * A Deployment of one process. A new template gets a ReplicaSet; its pod starts beside the old one, which goes as soon as the new one is ready. Where the old
 * one listens at a port of its own choosing, or the strategy is Recreate, it goes first.
 */
export function decideDeployment(view: WorkloadView): Decision {
  const { workload, replicaSets, now } = view
  if (isGoing(workload)) return { actions: [] }
  const hash = templateHash(workload)
  const isPaused = valueAt(workload, ['spec', 'paused']) === true
  const wanted = Math.min(1, numberAt(workload, 'spec', 'replicas') ?? 1)
  const sets = replicaSets.filter(set => isControlledBy(set, workload) && !isGoing(set))
  const present = sets.find(set => set.metadata.labels?.[HASH] === hash)
  const latest = Math.max(0, ...sets.map(set => annotatedNumber(set, REVISION) ?? 0))
  if (present === undefined && !isPaused) {
    const set = replicaSetOf(workload, hash, latest + 1)
    return { actions: [{ type: 'create', object: set }], wakeAt: now }
  }
  const actions: Action[] = []
  const revision = present === undefined ? latest : (annotatedNumber(present, REVISION) ?? latest)
  const isBack = present !== undefined && revision < latest
  // A template that was there before is the newest again.
  const newest = isBack ? latest + 1 : revision
  if (present !== undefined && isBack)
    actions.push({ type: 'update', object: present, annotations: { [REVISION]: String(newest) } })

  const current = present ?? sets.find(set => annotatedNumber(set, REVISION) === latest)
  const podsOf = (set: KubeObject | undefined) =>
    set === undefined ? [] : view.pods.filter(pod => isControlledBy(pod, set))
  const own = podsOf(current)
  const living = own.filter(pod => !isGoing(pod) && !isEnded(pod))
  const earlier = sets.filter(set => set !== current).flatMap(podsOf)
  const staying = earlier.filter(pod => !isGoing(pod))
  const goesFirst =
    textAt(workload, 'spec', 'strategy', 'type') === 'Recreate' ||
    earlier.some(pod => pod.metadata.annotations?.[fixedPortAnnotation] !== undefined)
  const ready = living.filter(isReady)

  if (wanted === 0) {
    for (const pod of [...living, ...staying]) actions.push({ type: 'delete', object: pod })
  } else {
    const isFree = !goesFirst || earlier.length === 0
    // Of its own pods too: one that still ends may hold the port.
    const ownEnds = own.some(
      pod => isGoing(pod) && pod.metadata.annotations?.[fixedPortAnnotation] !== undefined,
    )
    if (living.length === 0 && isFree && !ownEnds && current !== undefined)
      actions.push({ type: 'create', object: podOf({ owner: current, name: `${current.metadata.name}-` }) })
    // Of the earlier ones only what serves is kept until the new one does.
    for (const pod of staying)
      if (ready.length > 0 || goesFirst || !isReady(pod)) actions.push({ type: 'delete', object: pod })
    for (const pod of own) if (isEnded(pod) && !isGoing(pod)) actions.push({ type: 'delete', object: pod })
    for (const pod of living.slice(1)) actions.push({ type: 'delete', object: pod })
  }

  for (const set of sets) {
    const pods = podsOf(set).filter(pod => !isGoing(pod) && !isEnded(pod))
    const replicas = set === current ? wanted : pods.length
    actions.push({
      type: 'update',
      object: set,
      replicas,
      status: setStatus(set, pods),
    })
  }
  const keep = numberAt(workload, 'spec', 'revisionHistoryLimit') ?? HISTORY
  const old = sets
    .filter(set => set !== current && podsOf(set).length === 0)
    .toSorted((a, b) => (annotatedNumber(b, REVISION) ?? 0) - (annotatedNumber(a, REVISION) ?? 0))
  for (const set of old.slice(keep)) actions.push({ type: 'delete', object: set })

  const total = living.length + staying.length
  const isDone = ready.length >= wanted && staying.length === 0
  const { condition, expiresAt } = progressOf(view, { isDone, hash, setName: current?.metadata.name ?? '' })
  const available = ready.length + staying.filter(isReady).length
  actions.push({
    type: 'update',
    object: workload,
    annotations: { [REVISION]: String(newest) },
    status: {
      observedGeneration: workload.metadata.generation ?? 0,
      replicas: total,
      updatedReplicas: living.length,
      readyReplicas: available,
      availableReplicas: available,
      unavailableReplicas: Math.max(0, wanted - available),
      conditions: [availableCondition(workload, available >= wanted, now), condition],
    },
  })
  return { actions, ...(expiresAt === undefined || isPaused ? {} : { wakeAt: expiresAt }) }
}

function replicaSetOf(workload: KubeObject, hash: string, revision: number): KubeObject {
  const { name, namespace } = workload.metadata
  const template = fieldsOf(valueAt(workload, ['spec', 'template']))
  const metadata = fieldsOf(template.metadata)
  const labels = { ...fieldsOf(metadata.labels), [HASH]: hash }
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: labels as Readonly<Record<string, string>>,
      annotations: { [REVISION]: String(revision) },
      ownerReferences: [controllerOf(workload)],
    },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { ...template, metadata: { ...metadata, labels } },
    },
  }
}

function setStatus(set: KubeObject, pods: readonly KubeObject[]) {
  const ready = pods.filter(isReady).length
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
  }
}

function conditionOf(workload: KubeObject, type: string): Readonly<Record<string, unknown>> | undefined {
  return itemsOf(valueAt(workload, ['status', 'conditions']))
    .map(fieldsOf)
    .find(one => one.type === type)
}

function availableCondition(workload: KubeObject, isAvailable: boolean, now: number) {
  const before = conditionOf(workload, 'Available')
  const status = isAvailable ? 'True' : 'False'
  if (before?.status === status) return before
  const at = new Date(now).toISOString()
  const reason = isAvailable ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable'
  return { type: 'Available', status, reason, lastUpdateTime: at, lastTransitionTime: at }
}

/** How far the rollout is, and until when it may go on without a new step. */
function progressOf(
  { workload, now }: WorkloadView,
  { isDone, hash, setName }: { readonly isDone: boolean; readonly hash: string; readonly setName: string },
): { readonly condition: Readonly<Record<string, unknown>>; readonly expiresAt?: number } {
  const before = conditionOf(workload, 'Progressing')
  const seconds = numberAt(workload, 'spec', 'progressDeadlineSeconds') ?? DEADLINE_SECONDS
  const at = new Date(now).toISOString()
  const isSame = before?.templateHash === hash
  const base = { type: 'Progressing', templateHash: hash }
  if (isDone) {
    if (isSame && before?.reason === 'NewReplicaSetAvailable') return { condition: before }
    const message = `ReplicaSet "${setName}" has successfully progressed.`
    return {
      condition: { ...base, status: 'True', reason: 'NewReplicaSetAvailable', message, lastUpdateTime: at },
    }
  }
  const isGoingOn = isSame && before?.reason === 'ReplicaSetUpdated'
  const since = isGoingOn ? Date.parse(textAt(before, 'lastUpdateTime') ?? at) : now
  const expiresAt = since + seconds * 1000
  if (isSame && before?.reason === 'ProgressDeadlineExceeded') return { condition: before }
  if (now >= expiresAt) {
    const message = `ReplicaSet "${setName}" has timed out progressing.`
    return {
      condition: {
        ...base,
        status: 'False',
        reason: 'ProgressDeadlineExceeded',
        message,
        lastUpdateTime: at,
      },
    }
  }
  const message = `ReplicaSet "${setName}" is progressing.`
  const lastUpdateTime = new Date(since).toISOString()
  return {
    condition: { ...base, status: 'True', reason: 'ReplicaSetUpdated', message, lastUpdateTime },
    expiresAt,
  }
}
