import { type KubeObject, refKey, refOf } from '../kube-object.js'
import { containersOf } from '../manifest/pod-template.js'
import type { ObservedWorkload } from '../rollout-observation.js'
import { annotatedNumber, conditionsOf, countAt, numberAt, optional, textAt } from './fields.js'

type Counts = Pick<
  ObservedWorkload,
  'replicas' | 'desiredReplicas' | 'totalReplicas' | 'updatedReplicas' | 'readyReplicas' | 'availableReplicas'
>

/**
 * Cuts a Deployment, StatefulSet, DaemonSet or Job down to what its rollout is judged by.
 *
 * | field             | Deployment, StatefulSet      | DaemonSet                                          | Job                                |
 * | ----------------- | ---------------------------- | -------------------------------------------------- | ---------------------------------- |
 * | desiredReplicas   | spec.replicas, 1 by default  | status.desiredNumberScheduled                      | spec.completions, 1 by default     |
 * | replicas          | as desiredReplicas           | as desiredReplicas                                 | spec.parallelism, 1 by default     |
 * | totalReplicas     | status.replicas              | status.currentNumberScheduled + numberMisscheduled | status.active                      |
 * | updatedReplicas   | status.updatedReplicas       | status.updatedNumberScheduled                      | status.active + status.succeeded   |
 * | readyReplicas     | status.readyReplicas         | status.numberReady                                 | status.ready, of those that run    |
 * | availableReplicas | status.availableReplicas     | status.numberAvailable                             | status.succeeded                   |
 *
 * A Job has no observedGeneration, for its template never changes: it counts as seen at its present generation.
 */
export function observeWorkload(object: KubeObject): ObservedWorkload {
  const { metadata } = object
  const generation = metadata.generation ?? 0
  return {
    key: refKey(refOf(object)),
    apiVersion: object.apiVersion,
    kind: object.kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid ?? '',
    ...optional('owner', ownerOf(object)),
    generation,
    observedGeneration: object.kind === 'Job' ? generation : countAt(object, 'status', 'observedGeneration'),
    ...countsOf(object),
    partition: countAt(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition'),
    ...optional('updateStrategy', strategyOf(object)),
    paused: object.kind === 'Deployment' && isTrueAt(object, 'paused'),
    ...optional('currentRevision', textAt(object, 'status', 'currentRevision')),
    ...optional('updateRevision', textAt(object, 'status', 'updateRevision')),
    ...optional('revision', revisionOf(object)),
    ...(object.kind === 'Job' ? { suspended: isTrueAt(object, 'suspend') } : {}),
    ...optional('progressDeadlineSeconds', numberAt(object, 'spec', 'progressDeadlineSeconds')),
    conditions: conditionsOf(object),
    images: imagesOf(object),
    deleting: metadata.deletionTimestamp !== undefined,
  }
}

function ownerOf({ metadata }: KubeObject): ObservedWorkload['owner'] {
  const controller = metadata.ownerReferences?.find(owner => owner.controller === true)
  if (controller === undefined) return undefined
  const { apiVersion, kind, name } = controller
  return { apiVersion, kind, name }
}

/** Images of a workload's pod template by container name, init containers included: names are unique among both. */
export function imagesOf(object: KubeObject): Readonly<Record<string, string>> {
  return Object.fromEntries(containersOf(object).map(({ name, image }) => [name, image ?? '']))
}

function countsOf(object: KubeObject): Counts {
  const status = (field: string): number => countAt(object, 'status', field)
  switch (object.kind) {
    case 'DaemonSet':
      return {
        replicas: status('desiredNumberScheduled'),
        desiredReplicas: status('desiredNumberScheduled'),
        totalReplicas: status('currentNumberScheduled') + status('numberMisscheduled'),
        updatedReplicas: status('updatedNumberScheduled'),
        readyReplicas: status('numberReady'),
        availableReplicas: status('numberAvailable'),
      }
    case 'Job':
      return {
        replicas: numberAt(object, 'spec', 'parallelism') ?? 1,
        desiredReplicas: numberAt(object, 'spec', 'completions') ?? 1,
        totalReplicas: status('active'),
        updatedReplicas: status('active') + status('succeeded'),
        readyReplicas: status('ready'),
        availableReplicas: status('succeeded'),
      }
    default: {
      const desired = numberAt(object, 'spec', 'replicas') ?? 1
      return {
        replicas: desired,
        desiredReplicas: desired,
        totalReplicas: status('replicas'),
        updatedReplicas: status('updatedReplicas'),
        readyReplicas: status('readyReplicas'),
        availableReplicas: status('availableReplicas'),
      }
    }
  }
}

function strategyOf(object: KubeObject): string | undefined {
  return textAt(object, 'spec', object.kind === 'Deployment' ? 'strategy' : 'updateStrategy', 'type')
}

function revisionOf(object: KubeObject): number | undefined {
  switch (object.kind) {
    case 'Deployment':
      return annotatedNumber(object, 'deployment.kubernetes.io/revision')
    case 'DaemonSet':
      return annotatedNumber(object, 'deprecated.daemonset.template.generation')
    default:
      return undefined
  }
}

function isTrueAt(object: KubeObject, field: 'paused' | 'suspend'): boolean {
  const { spec } = object
  return (
    typeof spec === 'object' && spec !== null && (spec as Readonly<Record<string, unknown>>)[field] === true
  )
}
