import { isServiceScaledToZero, specOf } from '../desired.js'
import { isStageOpen, stageOf, stageToken } from '../hooks/deploy-hooks.js'
import { buildHooks, buildsUnderWay, hasFailed } from '../hooks/due-hook.js'
import { type HookSpec, hookLine } from '../hooks/hook-spec.js'
import { heldLocks, locksOfHook } from '../hooks/locks.js'
import type { ServiceState, State } from '../state.js'
import type { ServiceStatus } from './status.js'

/** A before-build hook that is under way is a step of the build. */
export function runningHook(state: State, { name, prepare }: ServiceState): ServiceStatus | undefined {
  const running = prepare?.running
  if (running === undefined) return undefined
  const hook = buildHooks(specOf(state, name)).find(({ id }) => id === running.hook)
  const step = hook === undefined ? undefined : `hook: ${hookLine(hook)}`
  return { phase: 'building', step, since: running.startedAt, superseded: running.superseded }
}

export function hookStatus(state: State, service: ServiceState, hook: HookSpec): ServiceStatus {
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
