import type { KubeObject } from '../kube-object.js'
import { type FieldPath, fieldsOf, itemsOf, valueAt, withValueAt } from './fields.js'
import type { LinkedImage } from './linked-image.js'
import { podPathOf } from './pod-template.js'

/** Seconds that a pod whose end is waited for gets where the config wants quick rollouts. */
const SHORT_GRACE = 2
const DEFAULT_GRACE = 30

/**
 * The workload with what makes its rollout quick while its services are developed: probes that see a container at once when it is ready, no time to prove itself, a
 * short end where the next pod waits for it, and no second pod beside one that holds a port of the node. How long a container may be unwell before something is
 * done about it, and everything that a preStop hook needs, stay as they are. `images` are those of the object; only those of `isFast` services count.
 */
export function withFastRollout(
  object: KubeObject,
  images: readonly LinkedImage[],
  isFast: (service: string) => boolean,
): KubeObject {
  const pod = podPathOf(object)
  const own = images.filter(({ service }) => service !== undefined && isFast(service))
  // What runs to its end is not rolled out.
  if (pod === undefined || own.length === 0 || !SERVING.includes(object.kind)) return object
  let result = object
  for (const { path, init } of own) {
    const container = path.slice(0, -1)
    for (const probe of init ? (['startupProbe'] as const) : (['startupProbe', 'readinessProbe'] as const))
      result = withQuickProbe(result, [...container, probe])
  }
  if (valueAt(result, ['spec', 'minReadySeconds']) !== undefined)
    result = withValueAt(result, ['spec', 'minReadySeconds'], 0)
  const spec = fieldsOf(valueAt(object, [...pod, 'spec']))
  if (
    endsFirst(object) &&
    !hasPreStop(spec) &&
    secondsAt(spec, 'terminationGracePeriodSeconds', DEFAULT_GRACE) > SHORT_GRACE
  )
    result = withValueAt(result, [...pod, 'spec', 'terminationGracePeriodSeconds'], SHORT_GRACE)
  // The API server takes no change to Recreate while it keeps its own defaults of a rolling update; this does the same for one replica.
  if (object.kind === 'Deployment' && holdsPort(spec) && valueAt(object, ['spec', 'strategy']) === undefined)
    result = withValueAt(result, ['spec', 'strategy'], {
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
    })
  return result
}

const SERVING: readonly string[] = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
]

/** Whether an old pod ends before its successor starts. */
export function endsFirst(object: KubeObject): boolean {
  return object.kind !== 'Deployment' || valueAt(object, ['spec', 'strategy', 'type']) === 'Recreate'
}

/** Asks every second from the start; the time after which the kubelet gives up stays the same. */
function withQuickProbe(object: KubeObject, path: FieldPath): KubeObject {
  const value = valueAt(object, path)
  if (value === undefined || value === null) return object
  const probe = fieldsOf(value)
  const delay = secondsAt(probe, 'initialDelaySeconds', 0)
  const period = secondsAt(probe, 'periodSeconds', 10)
  const failures = secondsAt(probe, 'failureThreshold', 3)
  if (delay === 0 && period <= 1) return object
  const { initialDelaySeconds: _, ...kept } = probe
  const before = path.at(-1) === 'startupProbe' ? delay : 0
  return withValueAt(object, path, {
    ...kept,
    periodSeconds: 1,
    failureThreshold: before + period * failures,
  })
}

function hasPreStop(spec: Readonly<Record<string, unknown>>): boolean {
  return itemsOf(spec.containers).some(
    container => valueAt(container, ['lifecycle', 'preStop']) !== undefined,
  )
}

/** Two pods cannot hold one port of a node. */
function holdsPort(spec: Readonly<Record<string, unknown>>): boolean {
  const ports = itemsOf(spec.containers).flatMap(container => itemsOf(fieldsOf(container).ports))
  return (
    ports.some(port => fieldsOf(port).hostPort !== undefined) ||
    (spec.hostNetwork === true && ports.length > 0)
  )
}

const secondsAt = (fields: Readonly<Record<string, unknown>>, key: string, fallback: number): number => {
  const value = fields[key]
  return typeof value === 'number' && value >= 0 ? value : fallback
}

/**
 * Milliseconds that a rollout of this workload would be shorter with quick rollouts, by what its probes, its minReadySeconds and its end can have cost of the `rollout` that
 * was measured. A probe's period counts half: on average that much passes unseen.
 */
export function fastRolloutSaving(
  object: KubeObject,
  containers: readonly string[],
  rollout: number,
): number {
  const pod = podPathOf(object)
  if (pod === undefined || !SERVING.includes(object.kind)) return 0
  const spec = fieldsOf(valueAt(object, [...pod, 'spec']))
  const probes = itemsOf(spec.containers)
    .map(fieldsOf)
    .filter(({ name }) => containers.includes(String(name)))
    .map(container => Math.max(unseen(container.readinessProbe), unseen(container.startupProbe)))
  const grace = secondsAt(spec, 'terminationGracePeriodSeconds', DEFAULT_GRACE)
  const end =
    endsFirst(object) && !hasPreStop(spec) && rollout >= grace * 1000 ? Math.max(0, grace - SHORT_GRACE) : 0
  const ready = secondsAt(fieldsOf(object.spec), 'minReadySeconds', 0)
  const most = 1000 * (Math.max(0, ...probes) + ready + end)
  return Math.max(0, Math.min(most, rollout - LEAST_ROLLOUT))
}

/** What a rollout takes on Kubernetes with probes of each second, in milliseconds. */
const LEAST_ROLLOUT = 1000

function unseen(probe: unknown): number {
  if (probe === undefined || probe === null) return 0
  const fields = fieldsOf(probe)
  const period = secondsAt(fields, 'periodSeconds', 10)
  return secondsAt(fields, 'initialDelaySeconds', 0) + Math.max(0, period - 1) / 2
}
