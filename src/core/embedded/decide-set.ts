import type { KubeObject } from '../kube-object.js'
import { fieldsOf, valueAt } from '../manifest/fields.js'
import { annotatedNumber, numberAt, textAt } from '../observe/fields.js'
import type { Action, Decision, WorkloadView } from './decision.js'
import {
  controllerOf,
  isControlledBy,
  isEnded,
  isGoing,
  isReady,
  podOf,
  templateHash,
} from './pod-from-template.js'

const HASH = 'controller-revision-hash'
const GENERATION = 'deprecated.daemonset.template.generation'
/** Kubernetes' own default. */
const HISTORY = 10

/** A StatefulSet of one process, `NAME-0`: of a new template the old one goes first, as there its name and its data do. */
export function decideStatefulSet(view: WorkloadView): Decision {
  const { workload } = view
  if (isGoing(workload)) return { actions: [] }
  const hash = templateHash(workload)
  const wanted = Math.min(1, numberAt(workload, 'spec', 'replicas') ?? 1)
  const { actions, revision } = keepRevisions(view, hash)
  const { name } = workload.metadata
  const pod = view.pods.find(one => isControlledBy(one, workload))
  const isCurrent = pod?.metadata.labels?.[HASH] === revision
  const waits =
    textAt(workload, 'spec', 'updateStrategy', 'type') === 'OnDelete' ||
    (numberAt(workload, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0) > 0
  if (pod !== undefined && !isGoing(pod) && (wanted === 0 || isEnded(pod) || (!isCurrent && !waits)))
    actions.push({ type: 'delete', object: pod })
  if (pod === undefined && wanted === 1)
    actions.push({
      type: 'create',
      object: podOf({
        owner: workload,
        name: `${name}-0`,
        labels: { [HASH]: revision, 'statefulset.kubernetes.io/pod-name': `${name}-0` },
      }),
    })
  const living = pod !== undefined && !isGoing(pod) && !isEnded(pod)
  const ready = living && isReady(pod) ? 1 : 0
  const updated = living && isCurrent ? 1 : 0
  const isSettled = wanted === 0 || (updated === 1 && ready === 1)
  actions.push({
    type: 'update',
    object: workload,
    status: {
      observedGeneration: workload.metadata.generation ?? 0,
      replicas: pod === undefined ? 0 : 1,
      readyReplicas: ready,
      availableReplicas: ready,
      currentReplicas: updated,
      updatedReplicas: updated,
      updateRevision: revision,
      currentRevision: isSettled ? revision : (textAt(workload, 'status', 'currentRevision') ?? revision),
    },
  })
  return { actions }
}

/** A DaemonSet on the one node that this machine is. */
export function decideDaemonSet(view: WorkloadView): Decision {
  const { workload } = view
  if (isGoing(workload)) return { actions: [] }
  const hash = templateHash(workload)
  const { actions, revision, number } = keepRevisions(view, hash)
  const pods = view.pods.filter(pod => isControlledBy(pod, workload))
  const pod = pods.find(one => !isGoing(one))
  const isCurrent = pod?.metadata.labels?.[HASH] === revision
  const waits = textAt(workload, 'spec', 'updateStrategy', 'type') === 'OnDelete'
  if (pod !== undefined && (isEnded(pod) || (!isCurrent && !waits)))
    actions.push({ type: 'delete', object: pod })
  if (pods.length === 0)
    actions.push({
      type: 'create',
      object: podOf({
        owner: workload,
        name: `${workload.metadata.name}-`,
        labels: { [HASH]: revision, 'pod-template-generation': String(number) },
      }),
    })
  const living = pod !== undefined && !isEnded(pod)
  const ready = living && isReady(pod) ? 1 : 0
  const updated = living && isCurrent ? 1 : 0
  actions.push({
    type: 'update',
    object: workload,
    annotations: { [GENERATION]: String(number) },
    status: {
      observedGeneration: workload.metadata.generation ?? 0,
      desiredNumberScheduled: 1,
      currentNumberScheduled: living ? 1 : 0,
      numberMisscheduled: 0,
      updatedNumberScheduled: updated,
      numberReady: ready,
      numberAvailable: ready,
    },
  })
  return { actions }
}

/** The ControllerRevisions of a workload: one for each template that it had, the newest with the highest number. */
function keepRevisions(
  { workload, revisions }: WorkloadView,
  hash: string,
): { readonly actions: Action[]; readonly revision: string; readonly number: number } {
  const actions: Action[] = []
  const own = revisions
    .filter(one => isControlledBy(one, workload))
    .toSorted((a, b) => numberOf(b) - numberOf(a))
  const name = `${workload.metadata.name}-${hash}`
  const present = own.find(({ metadata }) => metadata.name === name)
  const newest = own[0] === undefined ? 0 : numberOf(own[0])
  // A DaemonSet counts its templates itself, also across a rollback.
  const counted = annotatedNumber(workload, GENERATION) ?? 0
  const isNewest = present !== undefined && numberOf(present) === newest
  const number = isNewest ? newest : Math.max(newest, counted) + 1
  if (present !== undefined && !isNewest) actions.push({ type: 'delete', object: present })
  if (!isNewest) actions.push({ type: 'create', object: revisionOf(workload, { name, hash, number }) })
  const keep = numberAt(workload, 'spec', 'revisionHistoryLimit') ?? HISTORY
  for (const old of own.filter(one => one !== present).slice(keep))
    actions.push({ type: 'delete', object: old })
  return { actions, revision: name, number }
}

const numberOf = (revision: KubeObject): number =>
  typeof revision.revision === 'number' ? revision.revision : 0

function revisionOf(
  workload: KubeObject,
  { name, hash, number }: { readonly name: string; readonly hash: string; readonly number: number },
): KubeObject {
  const { namespace } = workload.metadata
  const template = fieldsOf(valueAt(workload, ['spec', 'template']))
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { [HASH]: hash },
      ownerReferences: [controllerOf(workload)],
    },
    data: { spec: { template: { ...template, $patch: 'replace' } } },
    revision: number,
  }
}
