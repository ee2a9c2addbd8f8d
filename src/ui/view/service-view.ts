import { objectsOf } from '../../core/desired.js'
import { isRolledOut } from '../../core/rolled-out.js'
import { objectStatus, serviceStatus } from '../../core/service-status.js'
import type { ServiceState, State } from '../../core/state.js'
import type { ServiceStatus } from '../../core/status/status.js'
import type { ImageSaves } from './image-saves.js'
import { busyMark, type Mark, marks } from './marks.js'
import { type PodView, podsOfObject } from './pod-view.js'
import { type Counts, type Way, wayOf, workloadWay } from './steps.js'

/** A service of ours, or a workload of the manifests that no service builds. */
export interface ItemView {
  /** `service/tour`, or the key of the object. */
  readonly id: string
  readonly kind: 'service' | 'workload'
  readonly name: string
  readonly mark: Mark
  readonly phase: ServiceStatus['phase']
  readonly way: Way
  readonly counts: Counts | undefined
  readonly pods: readonly PodView[]
}

export interface ViewContext {
  readonly state: State
  readonly saves: ImageSaves
  /** Milliseconds since the epoch. */
  readonly now: number
}

export const serviceId = (name: string): string => `service/${name}`

/** Every service, in the order of the config. */
export function serviceViews(context: ViewContext): readonly ItemView[] {
  return Object.values(context.state.services).map(service => serviceView(context, service))
}

function serviceView({ state, saves, now }: ViewContext, service: ServiceState): ItemView {
  const status = serviceStatus(state, service.name)
  const keys = objectsOf(state, service.name)
  const counts = countsOf(state, keys)
  return {
    id: serviceId(service.name),
    kind: 'service',
    name: service.name,
    mark:
      service.steering.paused === undefined || status.phase === 'failed' ? markOf(status, now) : marks.paused,
    phase: status.phase,
    way: wayOf(service, { status, counts, now }),
    counts,
    pods: keys.flatMap(key => podsOfObject(state, key, saves)),
  }
}

/** Workloads that run no image of ours: databases, brokers. */
export function workloadViews({ state, saves, now }: ViewContext): readonly ItemView[] {
  return Object.entries(state.objects).flatMap(([key, { linked }]) => {
    if (linked.services.length > 0 || !isRolledOut(linked.ref)) return []
    const status = objectStatus(state, key)
    const counts = countsOf(state, [key])
    return [
      {
        id: key,
        kind: 'workload' as const,
        name: `${linked.ref.kind.toLowerCase()}/${linked.ref.name}`,
        mark: markOf(status, now),
        phase: status.phase,
        way: workloadWay(status, counts, now),
        counts,
        pods: podsOfObject(state, key, saves),
      },
    ]
  })
}

function markOf(status: ServiceStatus, now: number): Mark {
  switch (status.phase) {
    case 'live':
      return marks.live
    case 'failed':
      return marks.failed
    case 'waiting':
      return marks.waiting
    case 'scaled-to-zero':
      return marks.zero
    case 'rolled-back':
      return marks.rolledBack
    case 'reading':
    case 'building':
    case 'loading':
    case 'deploying':
    case 'rolling':
    case 'syncing':
      return busyMark(now)
  }
}

function countsOf(state: State, keys: readonly string[]): Counts | undefined {
  const all = keys.flatMap(key => {
    const status = state.objects[key]?.rollout?.status
    return status === undefined || status.kind === 'waiting' ? [] : [status]
  })
  if (all.length === 0) return undefined
  return {
    ready: all.reduce((sum, { ready }) => sum + ready, 0),
    desired: all.reduce((sum, { desired }) => sum + desired, 0),
  }
}

/** Whether something is going on, so that its mark moves and its clock runs. */
export function isBusy(phase: ServiceStatus['phase']): boolean {
  switch (phase) {
    case 'reading':
    case 'building':
    case 'loading':
    case 'deploying':
    case 'rolling':
    case 'syncing':
      return true
    case 'waiting':
    case 'failed':
    case 'live':
    case 'scaled-to-zero':
    case 'rolled-back':
      return false
  }
}
