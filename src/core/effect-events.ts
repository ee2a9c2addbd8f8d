import type { Effect } from './effect.js'
import type { Event } from './event.js'
import type { Cancel } from './plan.js'
import type { Problem } from './problem.js'

/** The event that says that a run is being ended, for something newer is to be done. */
export function supersededEvent(cancel: Cancel): Event {
  if ('image' in cancel) return { type: 'load-superseded', ...cancel }
  return 'key' in cancel ? { type: 'apply-superseded', ...cancel } : { type: 'build-superseded', ...cancel }
}

/** The event that says that an effect runs now. `lastSave`: the number of the session's last save, which an apply that belongs to none stands for. */
export function startedEvent(effect: Effect, lastSave: number): Event {
  const { run } = effect
  switch (effect.type) {
    case 'scan':
      return { type: 'scan-started', run, service: effect.service }
    case 'build':
      return {
        type: 'build-started',
        run,
        service: effect.service,
        fingerprint: effect.fingerprint,
        digest: effect.digest,
        save: effect.save,
        rebuild: effect.rebuild,
      }
    case 'hook': {
      const { service, hook, key } = effect
      return { type: 'hook-started', run, service, hook, key }
    }
    case 'stage':
      return { ...stageOf(effect), type: 'stage-started', token: effect.token }
    case 'probe-engine':
      return { type: 'engine-probe-started', run }
    case 'render':
      return { type: 'render-started', run }
    case 'load':
      return { type: 'load-started', run, image: effect.image }
    case 'connect':
      return { type: 'connect-started', run }
    case 'apply':
      return {
        type: 'apply-started',
        run,
        key: effect.key,
        version: effect.version,
        save: effect.save || lastSave,
        redeploys: effect.redeploys,
      }
    case 'check':
      return { type: 'check-started', run, id: effect.id }
    case 'sync':
      return {
        type: 'sync-started',
        run,
        service: effect.service,
        save: effect.save,
        restart: effect.restart,
      }
    case 'clear-hook':
      return { type: 'hook-clear-started', run, key: effect.key }
    case 'find-dropped':
      return { type: 'dropped-look-started', run }
    case 'prune':
      return { type: 'prune-started', run, keys: effect.keys }
    case 'restart':
      return { type: 'restart-started', run, key: effect.key }
    case 'read-last-lines':
      return { type: 'last-lines-started', run, crash: effect.crash }
  }
}

/** The event that ends an effect that did not end itself. */
export function failedEvent(effect: Effect, problem: Problem): Event {
  const { run } = effect
  switch (effect.type) {
    case 'scan':
      return { type: 'scan-failed', run, service: effect.service, problem }
    case 'build':
      return { type: 'build-failed', run, service: effect.service, problem }
    case 'hook':
      return { type: 'hook-failed', run, service: effect.service, hook: effect.hook, problem }
    case 'stage':
      return { ...stageOf(effect), type: 'stage-failed', problem }
    case 'probe-engine':
      return { type: 'engine-probe-failed', run, problem }
    case 'render':
      return { type: 'render-failed', run, problem }
    case 'load':
      return { type: 'load-failed', run, image: effect.image, problem }
    case 'connect':
      return { type: 'connect-failed', run, problem }
    case 'apply':
      return { type: 'apply-failed', run, key: effect.key, version: effect.version, problem }
    case 'check':
      return {
        type: 'check-failed',
        run,
        id: effect.id,
        message: 'the check was ended',
        timeout: effect.check.timeout,
      }
    case 'sync': {
      const { service, save } = effect
      return problem.kind === 'bug'
        ? { type: 'sync-refused', run, service, save, message: problem.message }
        : { type: 'sync-cancelled', run, service }
    }
    case 'clear-hook':
      return { type: 'hook-cleared', run, key: effect.key }
    case 'find-dropped':
      return { type: 'dropped-look-failed', run }
    case 'prune':
      return { type: 'prune-finished', run, gone: [], stayed: [], problems: [problem] }
    case 'restart':
      return { type: 'restart-failed', run, key: effect.key, problem }
    case 'read-last-lines':
      return { type: 'last-lines-read', run, crash: effect.crash, lines: [] }
  }
}

function stageOf({ run, stage, service }: Extract<Effect, { type: 'stage' }>) {
  return { run, stage, service }
}
