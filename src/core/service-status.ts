import {
  currentImage,
  type DesiredObject,
  desiredBuild,
  desiredObject,
  isRolledBack,
  isServiceScaledToZero,
  objectsOf,
  specOf,
} from './desired.js'
import { type Hold, objectHolds, pausedHold } from './hold.js'
import { isStageOpen, stageOf, stageToken } from './hooks/deploy-hooks.js'
import { buildHooks, buildsUnderWay, dueHook, hasFailed } from './hooks/due-hook.js'
import { type HookSpec, hookLine } from './hooks/hook-spec.js'
import { heldLocks, locksOfHook } from './hooks/locks.js'
import { memo } from './memo.js'
import { isLeftOut } from './optional-kind.js'
import type { Problem, RolloutFailed } from './problem.js'
import { isRolledOut } from './rolled-out.js'
import type { ObjectState, ServiceState, State } from './state.js'
import { isOfEarlierSession } from './sync/earlier-syncs.js'
import { isSynced, lackingContainers } from './sync/sync-due.js'

/** Where a service's last save is on its way, in one word and what belongs to it. */
export type ServiceStatus =
  | { readonly phase: 'reading' }
  | { readonly phase: 'waiting'; readonly hold: Hold }
  | {
      readonly phase: 'building'
      readonly step: string | undefined
      readonly since: number
      readonly superseded: boolean
    }
  | {
      readonly phase: 'loading'
      readonly sentBytes: number
      readonly totalBytes: number | undefined
      readonly since: number
    }
  | { readonly phase: 'deploying' }
  /** Files go into its running containers, of which `left` lack some. */
  | { readonly phase: 'syncing'; readonly left: number; readonly since: number | undefined }
  | { readonly phase: 'rolling'; readonly message: string }
  /** `final`: nothing more will come of it without a change. A rollout that fails may still end well. */
  | { readonly phase: 'failed'; readonly problem: Problem; readonly final: boolean }
  | { readonly phase: 'live' }
  /** As it should be, but for its pods: somebody asked that it run none. Not a failure, and nothing is waited for. */
  | { readonly phase: 'scaled-to-zero' }
  /** Runs an earlier image, because somebody asked for it. */
  | {
      readonly phase: 'rolled-back'
      /** `save 3`, `revision 2`. */
      readonly to: string
      /** A later save, which is built and waits until the rollback is taken back. */
      readonly held?: number
    }

export function serviceStatus(state: State, name: string): ServiceStatus {
  return once(state, `service ${name}`, () => computeService(state, name))
}

const statuses = memo((_: State) => new Map<string, ServiceStatus>())

/** Things that wait for each other in a circle (a service that depends on its own workload) wait, and nothing more can be said of them. */
function once(state: State, key: string, compute: () => ServiceStatus): ServiceStatus {
  const known = statuses(state)
  const before = known.get(key)
  if (before !== undefined) return before
  known.set(key, { phase: 'deploying' })
  const status = compute()
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

/** What a rollback means for a person, in a few words. */
export function rolledBackText({
  to,
  held,
}: Omit<Extract<ServiceStatus, { phase: 'rolled-back' }>, 'phase'>): string {
  return held === undefined ? `to ${to}` : `to ${to}; save ${held} is built and held`
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

/** A before-build hook that is under way is a step of the build. */
function runningHook(state: State, { name, prepare }: ServiceState): ServiceStatus | undefined {
  const running = prepare?.running
  if (running === undefined) return undefined
  const hook = buildHooks(specOf(state, name)).find(({ id }) => id === running.hook)
  const step = hook === undefined ? undefined : `hook: ${hookLine(hook)}`
  return { phase: 'building', step, since: running.startedAt, superseded: running.superseded }
}

function hookStatus(state: State, service: ServiceState, hook: HookSpec): ServiceStatus {
  const { prepare } = service
  if (prepare?.failed !== undefined && hasFailed(service, hook))
    return { phase: 'failed', problem: prepare.failed.problem, final: true }
  const held = heldLocks(state)
  const lock = locksOfHook(hook).find(name => held.has(name))
  if (lock !== undefined)
    return { phase: 'waiting', hold: { kind: 'hook-lock', hook: hook.id, by: held.get(lock) ?? '' } }
  return buildsUnderWay(state) < state.project.build.concurrency
    ? { phase: 'reading' }
    : { phase: 'waiting', hold: { kind: 'build-slot' } }
}

/** Asked this often and never answered: a session that has to end does not wait for it any longer. */
const ENGINE_ATTEMPTS = 3

function engineGivenUp(state: State): boolean {
  return state.engine.kind === 'unreachable' && state.engine.attempts >= ENGINE_ATTEMPTS
}

/** Without the engine nothing is decided yet: it is asked again. */
function isFinal(state: State, problem: Problem): boolean {
  return problem.kind !== 'engine-unreachable' || engineGivenUp(state)
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

/** Undefined where no hook has still to run after a deployment. */
export function stageStatus(state: State, service: string | undefined): ServiceStatus | undefined {
  if (!isStageOpen(state, 'afterDeploy', service)) return undefined
  if (service !== undefined && isServiceScaledToZero(state, service)) return undefined
  const run = stageOf(state, 'afterDeploy', service)
  if (run?.kind === 'running') return { phase: 'rolling', message: 'the hook afterDeploy runs' }
  if (run?.kind === 'failed' && run.token === stageToken(state, 'afterDeploy', service))
    return { phase: 'failed', problem: run.problem, final: true }
  return { phase: 'waiting', hold: { kind: 'hook', stage: 'afterDeploy', service } }
}

/** Undefined where every container has all files of the last save. */
function syncStatus(state: State, service: ServiceState): ServiceStatus | undefined {
  if (isOfEarlierSession(state, service.name)) return { phase: 'deploying' }
  const { sync } = service
  if (sync === undefined || !isSynced(state, service)) return undefined
  const left = lackingContainers(state, service).length
  if (left > 0 || sync.running !== undefined)
    return { phase: 'syncing', left, since: sync.running?.startedAt }
  return sync.problem === undefined ? undefined : { phase: 'failed', problem: sync.problem, final: true }
}

/** Loads that failed are tried this often before `--once` gives up. */
export const LOAD_ATTEMPTS = 3
const CONNECT_ATTEMPTS = 3

/** Whether waiting any longer for the cluster is of no use to a session that has to end. */
export function clusterGivenUp(state: State): boolean {
  if (state.cluster.kind !== 'absent' || state.cluster.problem === undefined) return false
  return state.cluster.problem.kind !== 'cluster-unreachable' || state.cluster.attempts >= CONNECT_ATTEMPTS
}

/** What has become of one object of the manifests. */
export function objectStatus(state: State, key: string): ServiceStatus {
  return once(state, `object ${key}`, () => computeObject(state, key))
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
    return { phase: 'failed', problem, final: !isRetried(problem) }
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

/** An apply that may succeed later without a change of ours is tried this often before `--once` gives up. */
const APPLY_ATTEMPTS = 8

/** Whether an apply that failed is tried again by itself. */
export function isRetried(problem: Problem): boolean {
  if (problem.kind === 'cluster-unreachable') return true
  if (problem.kind !== 'apply-rejected') return false
  // The ports and addresses of a Service that was just deleted are given free a moment later.
  if (/provided (port|IP) is already allocated/.test(problem.message)) return true
  return problem.reason === 'namespace' || problem.reason === 'no-such-kind' || problem.reason === 'other'
}

function held(state: State, key: string): ServiceStatus {
  const hold = objectHolds(state).holdOf(key)
  if (hold === undefined) return { phase: 'deploying' }
  const blocker = blockerOf(state, hold, key)
  return blocker?.phase === 'failed' && blocker.final ? { ...blocker } : { phase: 'waiting', hold }
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

function rolloutStatus(state: State, object: ObjectState): ServiceStatus {
  const { rollout } = object
  if (rollout === undefined) return { phase: 'rolling', message: 'waiting to be seen' }
  const { status, deadlinePassed } = rollout
  switch (status.kind) {
    case 'done':
      return { phase: 'live' }
    case 'failing':
      return {
        phase: 'failed',
        problem: withLastLines(state, status.problem),
        final: status.final || deadlinePassed,
      }
    case 'waiting':
    case 'progressing':
      return deadlinePassed
        ? { phase: 'failed', problem: deadlineProblem(object, status.message), final: true }
        : { phase: 'rolling', message: status.message }
    case 'held':
      return { phase: 'live' }
  }
}

function deadlineProblem(object: ObjectState, message: string): RolloutFailed {
  const { ref } = object.linked
  return {
    kind: 'rollout-failed',
    workload: `${ref.kind.toLowerCase()}/${ref.name}`,
    namespace: ref.namespace ?? '',
    reason: 'deadline',
    message,
    lastLines: [],
  }
}

/** A rollout's problem with the lines that its container printed last, once they were read; those of an earlier crash until then. */
function withLastLines(state: State, problem: RolloutFailed): RolloutFailed {
  if (problem.lastLines.length > 0) return problem
  const lines = crashesOf(state, problem).findLast(crash => crash.lines !== undefined)?.lines
  return lines === undefined ? problem : { ...problem, lastLines: lines }
}

/** Whether the last lines of the crash that a problem tells of are being read, and none of an earlier one are known. */
export function isBeingRead(state: State, problem: Problem): boolean {
  if (problem.kind !== 'rollout-failed') return false
  const crashes = crashesOf(state, problem)
  return crashes.length > 0 && crashes.every(({ lines }) => lines === undefined)
}

function crashesOf(state: State, { namespace, pod, container = '' }: RolloutFailed) {
  if (pod === undefined) return []
  const uid = Object.values(state.observed.pods).find(p => p.name === pod && p.namespace === namespace)?.uid
  return Object.entries(state.crashes).flatMap(([key, crash]) =>
    uid !== undefined && key.startsWith(`${uid}/${container}/`) ? [crash] : [],
  )
}

const ORDER: readonly ServiceStatus['phase'][] = [
  'failed',
  'waiting',
  'deploying',
  'rolling',
  'syncing',
  'loading',
  'building',
  'reading',
  'scaled-to-zero',
  'rolled-back',
  'live',
]

/** The one of several statuses that a person should hear of first. */
function worst(statuses: readonly ServiceStatus[]): ServiceStatus {
  return statuses.reduce<ServiceStatus>(
    (most, status) => (ORDER.indexOf(status.phase) < ORDER.indexOf(most.phase) ? status : most),
    { phase: 'live' },
  )
}
