import type { Announcement } from '../announcement.js'
import { objectsOf } from '../desired.js'
import type { Hold } from '../hold.js'
import { serviceStatus } from '../service-status.js'
import type { State } from '../state.js'
import { rolledBackText, type ServiceStatus } from '../status/status.js'
import type { OpenProblems } from './open-problems.js'
import { problemChange, tellable } from './problem-news.js'
import { isOfSession } from './session-news.js'

/** Each service's phases, lives and problems. */
export function serviceNews(before: State, after: State, open: OpenProblems): Announcement[] {
  if (
    before.services === after.services &&
    before.objects === after.objects &&
    before.loads === after.loads &&
    before.cluster === after.cluster &&
    before.render === after.render &&
    before.engine === after.engine &&
    before.checks === after.checks &&
    before.crashes === after.crashes
  ) {
    return []
  }
  const told: Announcement[] = []
  for (const [name, service] of Object.entries(after.services)) {
    const was = before.services[name] === undefined ? undefined : serviceStatus(before, name)
    const is = serviceStatus(after, name)
    const { ledger } = service
    if (
      after.mode.deploy &&
      is.phase === 'live' &&
      ledger.liveAt !== undefined &&
      before.services[name]?.ledger.liveAt !== ledger.liveAt
    ) {
      const since = ledger.savedAt === 0 ? ledger.liveAt : ledger.savedAt
      told.push({
        type: 'live',
        service: name,
        save: ledger.save,
        duration: ledger.liveAt - since,
        stages: { ...ledger.stages },
      })
    }
    const cameBack =
      was !== undefined && was.phase !== 'live' && was.phase !== 'failed' && is.phase === 'live'
    if (after.mode.deploy && cameBack && before.services[name]?.ledger.liveAt === ledger.liveAt) {
      told.push(liveAgain(after, name))
    }
    if (!isOfSession(after, is))
      told.push(
        ...problemChange(tellable(before, was), tellable(after, is), { service: name }, open.has(name)),
      )
    const phase = phaseOf(after, name, is)
    if (
      phase !== undefined &&
      JSON.stringify(phase) !== JSON.stringify(was === undefined ? undefined : phaseOf(before, name, was))
    ) {
      told.push(phase)
    }
  }
  return told
}

/** Live by other manifests, or in a cluster made anew: the service's own files are those of its last save. */
function liveAgain(state: State, service: string): Announcement {
  const applied = objectsOf(state, service).flatMap(key => {
    const { apply, rollout } = state.objects[key] ?? {}
    return apply?.kind === 'applied' ? [{ apply, doneAt: rollout?.doneAt ?? apply.at }] : []
  })
  const save = Math.max(0, ...applied.map(({ apply }) => apply.save))
  const latest = applied.filter(({ apply }) => apply.save === save)
  const from = Math.min(...latest.map(({ apply }) => apply.startedAt))
  const done = Math.max(...latest.map(({ doneAt }) => doneAt))
  return {
    type: 'live',
    service,
    save,
    duration: latest.length === 0 ? 0 : Math.max(0, done - from),
    stages: {},
  }
}

function phaseOf(state: State, service: string, status: ServiceStatus): Announcement | undefined {
  const save = state.services[service]?.ledger.save ?? 0
  switch (status.phase) {
    case 'live':
    case 'failed':
      return undefined
    case 'waiting':
      return isInTurn(state, status.hold)
        ? undefined
        : { type: 'phase', service, save, phase: 'waiting', hold: steadyHold(status.hold) }
    case 'rolling':
      return { type: 'phase', service, save, phase: 'rolling', message: status.message }
    case 'scaled-to-zero':
      return { type: 'phase', service, save, phase: 'scaled-to-zero' }
    case 'rolled-back':
      return { type: 'phase', service, save, phase: 'rolled-back', message: rolledBackText(status) }
    case 'building':
      return status.superseded
        ? { type: 'phase', service, save, phase: 'building', message: 'stopping: a newer save came' }
        : { type: 'phase', service, save, phase: 'building', ...hookMessage(state, service, status) }
    case 'reading':
    case 'loading':
    case 'deploying':
    case 'syncing':
      return { type: 'phase', service, save, phase: status.phase }
  }
}

/** A hook before a build is told by its command: the build after it is another line. */
function hookMessage(
  { services }: State,
  service: string,
  { step }: Extract<ServiceStatus, { phase: 'building' }>,
): { readonly message?: string } {
  return services[service]?.prepare?.running === undefined || step === undefined ? {} : { message: step }
}

/** An object that is merely not applied yet is there in a moment, and so is the next: a line for each, and for each service, would be noise. */
function isInTurn({ objects }: State, hold: Hold): boolean {
  return hold.kind === 'object' && objects[hold.key]?.apply.kind !== 'applied'
}

/** What each look at an endpoint found is for the screen: as lines, it would be noise. */
function steadyHold(hold: Hold): Hold {
  return hold.kind === 'check' ? { ...hold, message: undefined } : hold
}
