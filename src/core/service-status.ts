import {
  currentImage,
  type DesiredObject,
  desiredBuild,
  desiredObject,
  isRolledBack,
  isServiceScaledToZero,
  objectsOf,
} from './desired.js'
import { type Hold, objectHolds, pausedHold } from './hold.js'
import { stageOf, stageToken } from './hooks/deploy-hooks.js'
import { buildsUnderWay, dueHook } from './hooks/due-hook.js'
import { memo } from './memo.js'
import { isLeftOut } from './optional-kind.js'
import { isRolledOut } from './rolled-out.js'
import type { ObjectState, ServiceState, State } from './state.js'
import { APPLY_ATTEMPTS, clusterGivenUp, isFinal, isRetried, LOAD_ATTEMPTS } from './status/given-up.js'
import { hookStatus, runningHook, stageStatus } from './status/hook-status.js'
import { rolloutStatus } from './status/rollout-status.js'
import { type ServiceStatus, worst } from './status/status.js'
import { syncStatus } from './status/sync-status.js'
import { isSynced } from './sync/sync-due.js'

/** Where a service's last save is on its way. */
export function serviceStatus(state: State, name: string): ServiceStatus {
  return once(serviceStatuses(state), { state, key: name, compute: computeService })
}

const serviceStatuses = memo((_: State) => new Map<string, ServiceStatus>())
const objectStatuses = memo((_: State) => new Map<string, ServiceStatus>())
const inCircle: ServiceStatus = { phase: 'deploying' }

/** Things that wait for each other in a circle (a service that depends on its own workload) wait, and nothing more can be said of them. */
function once(
  known: Map<string, ServiceStatus>,
  {
    state,
    key,
    compute,
  }: {
    readonly state: State
    readonly key: string
    readonly compute: (state: State, key: string) => ServiceStatus
  },
): ServiceStatus {
  const before = known.get(key)
  if (before !== undefined) return before
  known.set(key, inCircle)
  const status = compute(state, key)
  known.set(key, status)
  return status
}

function computeService(state: State, name: string): ServiceStatus {
  const service = state.services[name]
  if (service === undefined) return { phase: 'reading' }
  const status =
    imageStatus(state, service) ?? (state.mode.deploy ? deployStatus(state, service) : { phase: 'live' })
  if (service.steering.paused !== undefined) return pausedStatus(state, service, status)
  return status.phase === 'live' ? steadyStatus(state, service) : status
}

/** A service whose objects are all as they were asked for. */
function steadyStatus(state: State, service: ServiceState): ServiceStatus {
  if (isServiceScaledToZero(state, service.name)) return { phase: 'scaled-to-zero' }
  const { rolledBack } = service.steering
  if (rolledBack === undefined || !isRolledBack(service)) return { phase: 'live' }
  const save = service.deployable?.save ?? 0
  return { phase: 'rolled-back', to: rolledBack.to, ...(save > rolledBack.until ? { held: save } : {}) }
}

/** What would be started next waits for the resume; what was under way when the pause came goes on to its end. */
function pausedStatus(state: State, service: ServiceState, status: ServiceStatus): ServiceStatus {
  const held: ServiceStatus = { phase: 'waiting', hold: pausedHold(service) }
  switch (status.phase) {
    case 'live':
      return steadyStatus(state, service)
    case 'reading':
      return service.source.kind === 'scanning' ? status : held
    case 'waiting':
      return held
    case 'deploying': {
      const isUnderWay = objectsOf(state, service.name).some(key => {
        const object = state.objects[key]
        return object?.apply.kind === 'applying' || object?.restart.kind === 'restarting'
      })
      return isUnderWay ? status : held
    }
    case 'syncing':
      return service.sync?.running === undefined ? held : status
    case 'building':
    case 'loading':
    case 'rolling':
    case 'failed':
    case 'scaled-to-zero':
    case 'rolled-back':
      return status
  }
}

/** Undefined once the image of the present inputs is built. */
function imageStatus(state: State, service: ServiceState): ServiceStatus | undefined {
  const { source, build, pending } = service
  if (source.kind === 'failed' && pending === undefined)
    return { phase: 'failed', problem: source.problem, final: isFinal(state, source.problem) }
  if (build.kind === 'building') {
    return { phase: 'building', step: build.step, since: build.startedAt, superseded: build.superseded }
  }
  const running = runningHook(state, service)
  if (running !== undefined) return running
  if (source.kind !== 'known' || pending !== undefined) return { phase: 'reading' }
  const hook = dueHook(state, service)
  if (hook !== undefined) return hookStatus(state, service, hook)
  const desired = desiredBuild(state, service.name)
  if (desired.kind === 'unread') return { phase: 'reading' }
  if (desired.kind === 'requires') {
    const base = serviceStatus(state, desired.service)
    const isStuck = base.phase === 'failed' && base.final
    return isStuck
      ? { phase: 'failed', problem: base.problem, final: true }
      : { phase: 'waiting', hold: { kind: 'requires', service: desired.service } }
  }
  const isAgain = service.steering.rebuild
  if (!isAgain && build.kind === 'failed' && build.fingerprint === desired.fingerprint) {
    return {
      phase: 'failed',
      problem: build.problem,
      final: isFinal(state, build.problem),
    }
  }
  const isThere = currentImage(state, service.name) !== undefined || isSynced(state, service)
  if (!isAgain && isThere) return undefined
  if (state.engine.kind === 'unreachable') return { phase: 'waiting', hold: { kind: 'engine' } }
  const sharer = Object.values(state.services).find(
    other => other.build.kind === 'building' && other.build.fingerprint === desired.fingerprint,
  )
  if (sharer !== undefined) return { phase: 'waiting', hold: { kind: 'shared-build', service: sharer.name } }
  const building = buildsUnderWay(state)
  // With a slot free the next plan starts it.
  return building < state.project.build.concurrency
    ? { phase: 'reading' }
    : { phase: 'waiting', hold: { kind: 'build-slot' } }
}

function deployStatus(state: State, service: ServiceState): ServiceStatus {
  if (state.cluster.kind === 'absent' && state.cluster.problem !== undefined) {
    return { phase: 'failed', problem: state.cluster.problem, final: clusterGivenUp(state) }
  }
  if (state.render.manifests === undefined) {
    return state.render.problem === undefined
      ? { phase: 'waiting', hold: { kind: 'manifests' } }
      : { phase: 'failed', problem: state.render.problem, final: true }
  }
  const keys = objectsOf(state, service.name)
  if (keys.length === 0) return { phase: 'live' }
  const { image, deployable } = service
  if (image !== undefined && deployable?.reference !== image.reference) {
    const load = state.loads[image.reference]
    if (load === undefined) {
      return state.cluster.kind === 'connected'
        ? { phase: 'deploying' }
        : { phase: 'waiting', hold: { kind: 'cluster' } }
    }
    if (load.kind === 'failed')
      return { phase: 'failed', problem: load.problem, final: load.attempts >= LOAD_ATTEMPTS }
    if (load.kind === 'loading') {
      return {
        phase: 'loading',
        sentBytes: load.sentBytes,
        totalBytes: load.totalBytes,
        since: load.startedAt,
      }
    }
    return { phase: 'deploying' }
  }
  const objects = worst(keys.map(key => objectStatus(state, key)))
  return objects.phase === 'live'
    ? (syncStatus(state, service) ?? stageStatus(state, service.name) ?? objects)
    : objects
}

/** What has become of one object of the manifests. */
export function objectStatus(state: State, key: string): ServiceStatus {
  return once(objectStatuses(state), { state, key, compute: computeObject })
}

function computeObject(state: State, key: string): ServiceStatus {
  const object = state.objects[key]
  if (object === undefined) return { phase: 'live' }
  const { apply, linked } = object
  const desired = desiredObject(state, linked)
  if (apply.kind === 'applying' && (apply.problem === undefined || apply.version !== versionOf(desired)))
    return { phase: 'deploying' }
  const problem = apply.kind === 'failed' || apply.kind === 'applying' ? apply.problem : undefined
  if (problem !== undefined && isLeftOut(linked.ref, problem)) return { phase: 'live' }
  // A retry that is under way has solved nothing yet.
  if (apply.kind === 'applying' && problem !== undefined)
    return { phase: 'failed', problem, final: !isRetried(problem) || apply.attempts >= APPLY_ATTEMPTS }
  if (apply.kind === 'failed' && (desired.kind !== 'known' || apply.version === desired.version)) {
    return {
      phase: 'failed',
      problem: apply.problem,
      final: !isRetried(apply.problem) || apply.attempts >= APPLY_ATTEMPTS,
    }
  }
  if (desired.kind !== 'known' || apply.kind !== 'applied' || apply.version !== desired.version)
    return held(state, key)
  if (object.restart.kind === 'restarting') return { phase: 'deploying' }
  if (object.restart.kind === 'asked') return held(state, key)
  return isRolledOut(linked.ref) ? rolloutStatus(state, object) : { phase: 'live' }
}

function versionOf(desired: DesiredObject): string | undefined {
  return desired.kind === 'known' ? desired.version : undefined
}

function held(state: State, key: string): ServiceStatus {
  const hold = objectHolds(state).holdOf(key)
  if (hold === undefined) return { phase: 'deploying' }
  // What is tried again stands in the way for a moment, whatever it failed with before.
  if (hold.kind === 'object' && isTriedAgain(state.objects[hold.key])) return { phase: 'waiting', hold }
  const blocker = blockerOf(state, hold, key)
  return blocker?.phase === 'failed' && blocker.final ? { ...blocker } : { phase: 'waiting', hold }
}

function isTriedAgain(object: ObjectState | undefined): boolean {
  return object?.apply.kind === 'applying' || (object?.apply.kind === 'failed' && object.apply.retry)
}

/** The status of what a hold waits for. */
function blockerOf(state: State, hold: Hold, key: string): ServiceStatus | undefined {
  switch (hold.kind) {
    case 'object':
      return hold.key === key ? undefined : objectStatus(state, hold.key)
    case 'depends-on': {
      if (!hold.name.includes('/')) return serviceStatus(state, hold.name)
      const found = Object.entries(state.objects).find(
        ([, { linked }]) => `${linked.ref.kind.toLowerCase()}/${linked.ref.name}` === hold.name,
      )
      return found === undefined ? undefined : objectStatus(state, found[0])
    }
    case 'check':
      return checkStatus(state, hold)
    case 'hook': {
      const run = stageOf(state, hold.stage, hold.service)
      return run?.kind === 'failed' && run.token === stageToken(state, hold.stage, hold.service)
        ? { phase: 'failed', problem: run.problem, final: true }
        : undefined
    }
    case 'image': {
      const service = state.services[hold.service]
      return service === undefined ? undefined : imageStatus(state, service)
    }
    case 'preload':
    case 'cluster':
    case 'engine':
    case 'manifests':
    case 'requires':
    case 'shared-build':
    case 'build-slot':
    case 'hook-lock':
    case 'paused':
      return undefined
  }
}

/** An endpoint that had all its time. It is asked on, so what waits for it may still come to be. */
function checkStatus(
  { checks }: State,
  { id, check }: Extract<Hold, { kind: 'check' }>,
): ServiceStatus | undefined {
  const asked = checks[id]
  if (asked === undefined || asked.kind === 'passed' || asked.failure?.timedOut !== true) return undefined
  const { target, timeout } = check
  return {
    phase: 'failed',
    problem: { kind: 'endpoint-unready', target, seconds: timeout, message: asked.failure.message },
    final: true,
  }
}
