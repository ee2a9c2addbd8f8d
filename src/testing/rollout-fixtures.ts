import type { RolloutInput } from '../core/rollout/rollout-status.js'
import type {
  ContainerState,
  ObservedContainer,
  ObservedEvent,
  ObservedPod,
  ObservedReplicaSet,
  ObservedWorkload,
} from '../core/rollout-observation.js'

const APPLIED_AT = Date.parse('2026-01-01T10:00:00Z')

/** A time that many seconds after the apply, as the cluster writes it. */
export const after = (seconds: number): string =>
  new Date(APPLIED_AT + seconds * 1000).toISOString().replace('.000', '')

export const running = (seconds = 1): ContainerState => ({ kind: 'running', startedAt: after(seconds) })

export const waiting = (reason: string, message = ''): ContainerState => ({
  kind: 'waiting',
  reason,
  message,
})

export const terminated = (
  exitCode: number,
  reason = exitCode === 0 ? 'Completed' : 'Error',
  message = '',
): ContainerState & { kind: 'terminated' } => ({
  kind: 'terminated',
  exitCode,
  reason,
  message,
})

export function container(over: Partial<ObservedContainer> = {}): ObservedContainer {
  return {
    name: 'app',
    image: 'shop/tour:1',
    init: false,
    sidecar: false,
    ready: false,
    started: false,
    restarts: 0,
    state: running(),
    ...over,
  }
}

/** A pod of the ReplicaSet `rs-<hash>`, `web` or `job`, running and Ready unless said otherwise. */
export function pod(name: string, over: Partial<ObservedPod> = {}): ObservedPod {
  return {
    uid: `uid-${name}`,
    namespace: 'shop',
    name,
    phase: 'Running',
    createdAt: after(1),
    ready: true,
    deleting: false,
    labels: {},
    owner: { kind: 'ReplicaSet', name: 'rs', uid: 'rs-new' },
    containers: [container({ ready: over.ready ?? true, started: true })],
    ...over,
  }
}

export const broken = (name: string, ...containers: readonly Partial<ObservedContainer>[]): ObservedPod =>
  pod(name, { phase: 'Pending', ready: false, containers: containers.map(container) })

export function workload(kind: string, over: Partial<ObservedWorkload> = {}): ObservedWorkload {
  const desired = over.desiredReplicas ?? 1
  return {
    key: `apps/${kind}/shop/tour`,
    apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
    kind,
    namespace: 'shop',
    name: 'tour',
    uid: 'w',
    generation: 2,
    observedGeneration: 2,
    replicas: desired,
    updatedReplicas: desired,
    readyReplicas: desired,
    availableReplicas: desired,
    desiredReplicas: desired,
    totalReplicas: desired,
    partition: 0,
    paused: false,
    conditions: [],
    images: {},
    deleting: false,
    ...over,
  }
}

/** Nothing of the new revision is ready. */
export const starting = (kind: string, over: Partial<ObservedWorkload> = {}): ObservedWorkload =>
  workload(kind, { updatedReplicas: 1, readyReplicas: 0, availableReplicas: 0, ...over })

const set = (uid: string, revision: number): ObservedReplicaSet => ({
  uid,
  namespace: 'shop',
  name: uid,
  ownerUid: 'w',
  revision,
  podTemplateHash: uid,
  replicas: 1,
  images: {},
})

export const event = (uid: string, reason: string, message: string, seconds: number): ObservedEvent => ({
  type: 'Warning',
  reason,
  message,
  count: 1,
  lastSeen: after(seconds),
  involved: { kind: 'Pod', namespace: 'shop', name: uid, uid },
})

export function input(
  seen: ObservedWorkload | undefined,
  pods: readonly ObservedPod[],
  events: readonly ObservedEvent[] = [],
  changed = true,
): RolloutInput {
  const kind = seen?.kind ?? 'Pod'
  return {
    at: APPLIED_AT + 60_000,
    key: 'k',
    ref: { apiVersion: 'v1', kind, namespace: 'shop', name: 'tour' },
    workload: seen,
    pods,
    replicaSets: [set('rs-old', 1), set('rs-new', 2)],
    eventsOf: uid => events.filter(({ involved }) => involved.uid === uid),
    applied: { uid: seen === undefined ? 'uid-p' : 'w', generation: 2, at: APPLIED_AT + 400, changed },
  }
}
