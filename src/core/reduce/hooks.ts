import type { HookEvent } from '../event.js'
import { type HookRecord, type StageState, stageKey, unprepared } from '../hooks/hook-state.js'
import type { PendingFiles, ServiceState, State } from '../state.js'
import { updateService } from './update.js'

type Stamped<E> = E & { readonly at: number }

export function reduceHooks(state: State, event: Stamped<HookEvent>): State {
  switch (event.type) {
    case 'hook-started':
      return updateService(state, event.service, service => ({
        ...service,
        prepare: {
          ...(service.prepare ?? unprepared),
          running: {
            run: event.run,
            hook: event.hook,
            key: event.key,
            startedAt: event.at,
            superseded: false,
          },
          failed: undefined,
        },
      }))
    case 'hook-finished':
      return hookFinished(state, event)
    case 'hook-failed':
      return hookFailed(state, event)
    case 'stage-started': {
      const { stage, service, token, run, at } = event
      const everDone = state.stages?.[stageKey(stage, service)]?.everDone ?? false
      return withStage(state, event, { kind: 'running', token, everDone, run, startedAt: at })
    }
    case 'stage-finished': {
      const running = runningStage(state, event)
      return running === undefined
        ? state
        : withStage(state, event, { kind: 'done', token: running.token, everDone: true })
    }
    case 'stage-failed': {
      const running = runningStage(state, event)
      if (running === undefined) return state
      const { token, everDone } = running
      return withStage(state, event, { kind: 'failed', token, everDone, problem: event.problem })
    }
  }
}

type StageEvent = Extract<HookEvent, { type: 'stage-started' | 'stage-finished' | 'stage-failed' }>

function withStage(state: State, { stage, service }: StageEvent, next: StageState): State {
  return { ...state, stages: { ...state.stages, [stageKey(stage, service)]: next } }
}

function runningStage(state: State, { stage, service, run }: StageEvent) {
  const known = state.stages?.[stageKey(stage, service)]
  return known?.kind === 'running' && known.run === run ? known : undefined
}

function hookFinished(state: State, event: Stamped<Extract<HookEvent, { type: 'hook-finished' }>>): State {
  const { hook, key, outputs } = event
  const services = Object.values(state.services).map((service): ServiceState => {
    if (service.prepare?.readings[hook] === undefined) return service
    const known = withRecord(service, hook, { key, outputs })
    return service.name === event.service ? ended(known, event) : { ...known, pending: afterHook(known) }
  })
  return { ...state, services: Object.fromEntries(services.map(service => [service.name, service])) }
}

function withRecord(service: ServiceState, hook: string, last: HookRecord): ServiceState {
  const prepare = service.prepare ?? unprepared
  const reading = prepare.readings[hook]
  if (reading === undefined) return service
  return {
    ...service,
    prepare: { ...prepare, readings: { ...prepare.readings, [hook]: { ...reading, last } } },
  }
}

/** A hook came to its end: what it wrote is to be read, as part of the save that it ran for. */
function ended(
  service: ServiceState,
  event: Stamped<Extract<HookEvent, { type: 'hook-finished' }>>,
): ServiceState {
  const { prepare, ledger } = service
  if (prepare?.running?.run !== event.run) return service
  const took = event.at - prepare.running.startedAt
  const before = prepare.ran[event.hook]
  const times = before?.save === ledger.save ? before.times + 1 : 1
  return {
    ...service,
    pending: afterHook(service),
    prepare: {
      ...prepare,
      running: undefined,
      ran: { ...prepare.ran, [event.hook]: { save: ledger.save, times, took } },
    },
    ledger: {
      ...ledger,
      supersededInARow: 0,
      stages: { ...ledger.stages, hooks: (ledger.stages.hooks ?? 0) + took },
    },
  }
}

function hookFailed(state: State, event: Extract<HookEvent, { type: 'hook-failed' }>): State {
  return updateService(state, event.service, service => {
    const { prepare, ledger } = service
    if (prepare?.running?.run !== event.run) return service
    const { key, superseded } = prepare.running
    const isCancelled = event.problem.kind === 'cancelled'
    return {
      ...service,
      pending: afterHook(service),
      prepare: {
        ...prepare,
        running: undefined,
        failed: isCancelled
          ? undefined
          : { hook: event.hook, key, save: ledger.save, problem: event.problem },
      },
      ledger: {
        ...ledger,
        supersededInARow: isCancelled && superseded ? ledger.supersededInARow + 1 : 0,
      },
    }
  })
}

/** Whatever came of a hook, and however far it got: everything is looked at again. */
function afterHook({ pending, source }: ServiceState): PendingFiles {
  if (pending !== undefined) return { ...pending, paths: 'all' }
  const firstAt = source.kind === 'known' ? source.savedAt : source.kind === 'scanning' ? source.firstAt : 0
  return { paths: 'all', firstAt, afterHook: true }
}
