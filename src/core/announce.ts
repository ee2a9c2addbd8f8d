import { announceDropped, announcePruned } from './announce-prune.js'
import type { Announcement } from './announcement.js'
import { answerIntent } from './answer-intent.js'
import { objectsOf } from './desired.js'
import type { StampedEvent } from './event.js'
import { explain } from './explain.js'
import { forwardNews } from './forwards/forward-news.js'
import type { Hold } from './hold.js'
import { hostsNews } from './hosts/hosts-news.js'
import { displayRef } from './kube-object.js'
import { isLeftOut } from './optional-kind.js'
import type { Problem } from './problem.js'
import { gatewayNews } from './routes/gateway-news.js'
import {
  isBeingRead,
  objectStatus,
  rolledBackText,
  type ServiceStatus,
  serviceStatus,
} from './service-status.js'
import type { State } from './state.js'
import { describeReason, type SyncDecision } from './sync/sync-state.js'

/** What one event says by itself. Pure, as all of telling: reporters only print it. */
export function announceEvent(before: State, after: State, event: StampedEvent): readonly Announcement[] {
  switch (event.type) {
    case 'scan-finished': {
      const save = after.services[event.service]?.ledger.save ?? 0
      const isNew = save > 0 && save !== before.services[event.service]?.ledger.save
      const decision = after.services[event.service]?.sync?.decision
      if (!isNew) return []
      return [
        { type: 'save', save, service: event.service, files: event.changed },
        ...(decision?.kind === 'build' && decision.save === save
          ? [makesImage(event.service, decision)]
          : []),
      ]
    }
    case 'build-finished': {
      const build = before.services[event.service]?.build
      if (build?.kind !== 'building' || build.run !== event.run) return []
      const { service, reference, cached } = event
      const isSame = build.rebuild && before.services[service]?.image?.imageId === event.imageId
      return [
        ...(isSame ? [sameImage(service, reference)] : []),
        {
          type: 'built',
          service,
          save: build.save,
          reference,
          cached,
          ...(cached ? {} : { duration: event.at - build.startedAt }),
        },
      ]
    }
    case 'load-finished': {
      const { image, method, sentBytes, sentLayers, totalLayers } = event
      return method === 'present'
        ? []
        : [{ type: 'loaded', image, method, sentBytes, sentLayers, totalLayers }]
    }
    case 'load-progressed': {
      const { image, sentBytes, totalBytes } = event
      return [
        { type: 'load-progress', image, sentBytes, ...(totalBytes === undefined ? {} : { totalBytes }) },
      ]
    }
    case 'connect-progressed':
      return [{ type: 'cluster', context: '', state: 'connecting', message: event.message }]
    case 'cluster-connected':
      return [{ type: 'cluster', context: event.context, state: 'connected', version: event.version }]
    case 'connection-changed':
      return event.up || after.cluster.kind !== 'connected'
        ? []
        : [{ type: 'cluster', context: after.cluster.context, state: 'lost', message: event.message }]
    case 'render-finished': {
      const warnings = event.manifests.diagnostics.filter(
        diagnostic => !before.render.warnings.some(known => known.message === diagnostic.message),
      )
      const rendered: Announcement[] =
        before.render.manifests === undefined || after.render.save !== before.render.save
          ? [{ type: 'rendered', objects: event.manifests.objects.length, save: after.render.save }]
          : []
      return [
        ...rendered,
        ...warnings.map(
          ({ message, range, suggestion }): Announcement => ({
            type: 'notice',
            message: `${range === undefined ? '' : `${range.file}:${range.line}: `}${message}${suggestion === undefined ? '' : ` (${suggestion})`}`,
          }),
        ),
      ]
    }
    case 'apply-finished': {
      const object = after.objects[event.key]
      if (object === undefined) return []
      const name = displayRef(object.linked.ref)
      const applied: Announcement[] =
        event.outcome === 'unchanged' || after.objects[event.key] === before.objects[event.key]
          ? []
          : [
              {
                type: 'applied',
                object: name,
                outcome: event.outcome,
                save: object.apply.kind === 'applied' ? object.apply.save : 0,
              },
            ]
      return [...applied, ...event.notices.map((message): Announcement => ({ type: 'notice', message }))]
    }
    case 'apply-failed': {
      const object = after.objects[event.key]
      const isFirst =
        before.objects[event.key]?.apply.kind === 'applying' && attemptsOf(after, event.key) === 1
      if (object === undefined || !isFirst || !isLeftOut(object.linked.ref, event.problem)) return []
      const { ref, source } = object.linked
      const message = `${source.file}:${source.line}: ${displayRef(ref)} is not applied: the cluster has no kind ${ref.kind} of ${ref.apiVersion}. It will be once its CustomResourceDefinition is installed`
      return [{ type: 'notice', message }]
    }
    case 'sync-finished': {
      const { service, save, files, bytes, restarted, containers } = event
      const running = before.services[service]?.sync?.running
      if (running?.run !== event.run || containers.length === 0) return []
      const duration = event.at - running.startedAt
      return [
        { type: 'synced', service, save, files, bytes, containers: containers.length, restarted, duration },
      ]
    }
    case 'sync-refused': {
      const decision = after.services[event.service]?.sync?.decision
      return decision?.kind === 'build' ? [makesImage(event.service, decision)] : []
    }
    case 'intent-given': {
      const { service } = event.intent
      return [{ type: 'notice', service, message: answerIntent(before, event.intent).message }]
    }
    case 'restart-failed': {
      const object = after.objects[event.key]
      if (object === undefined || event.problem.kind === 'cancelled') return []
      const message = `${displayRef(object.linked.ref)} could not be restarted: ${explain(event.problem).title}`
      return [{ type: 'notice', ...serviceOf(object.linked.services), message }]
    }
    case 'prune-finished':
      return announcePruned(event)
    case 'config-reloaded':
      return [
        { type: 'config', state: 'reloaded' },
        ...event.warnings.map(({ message }): Announcement => ({ type: 'notice', message })),
      ]
    case 'gateway-changed':
      return gatewayNews(before.gateway, event.gateway)
    case 'forwards-changed':
      return forwardNews(before.forwards, event.forwards)
    case 'hosts-checked': {
      const names = hostsNews(before.hosts, event.report)
      const { file, notes = [] } = event.report
      return names.length === 0 ? [] : [{ type: 'hosts', file, names, notes }]
    }
    default:
      return []
  }
}

function attemptsOf(state: State, key: string): number {
  const apply = state.objects[key]?.apply
  return apply?.kind === 'failed' ? apply.attempts : 0
}

function makesImage(service: string, { save, why }: Extract<SyncDecision, { kind: 'build' }>): Announcement {
  return { type: 'notice', service, message: `save ${save} makes an image: ${describeReason(why)}` }
}

function sameImage(service: string, reference: string): Announcement {
  return { type: 'notice', service, message: `built again: ${reference} is what it was, so nothing rolls` }
}

function serviceOf([service]: readonly string[]): { readonly service?: string } {
  return service === undefined ? {} : { service }
}

/**
 * What became different from one moment to a later one: phases, lives, problems. Asked when a plan was carried out, so that nothing is told of what was only
 * so between an event and the plan that answers it.
 */
export function announceChange(
  before: State,
  after: State,
  open: OpenProblems = new Set(),
): readonly Announcement[] {
  return [
    ...ofServices(before, after, open),
    ...ofObjects(before, after, open),
    ...ofSession(before, after, open),
    ...announceDropped(before, after),
  ]
}

/** The services and objects whose problem was told and is not solved yet. What mends it may take them through other phases first. */
export type OpenProblems = ReadonlySet<string>

/** The open problems after these were told. */
export function openAfter(open: OpenProblems, told: readonly Announcement[]): OpenProblems {
  const next = new Set(open)
  for (const announcement of told) {
    if (announcement.type !== 'problem' && announcement.type !== 'solved') continue
    const subject = announcement.service ?? announcement.object
    if (subject === undefined) continue
    if (announcement.type === 'problem') next.add(subject)
    else next.delete(subject)
  }
  return next
}

function ofServices(before: State, after: State, open: OpenProblems): Announcement[] {
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
        : { type: 'phase', service, save, phase: 'building' }
    case 'reading':
    case 'loading':
    case 'deploying':
    case 'syncing':
      return { type: 'phase', service, save, phase: status.phase }
  }
}

/** An object that is merely not applied yet is there in a moment, and so is the next: a line for each, and for each service, would be noise. */
function isInTurn({ objects }: State, hold: Hold): boolean {
  return hold.kind === 'object' && objects[hold.key]?.apply.kind !== 'applied'
}

/** What each look at an endpoint found is for the screen: as lines, it would be noise. */
function steadyHold(hold: Hold): Hold {
  return hold.kind === 'check' ? { ...hold, message: undefined } : hold
}

/** Objects that belong to no service: a service tells of its own. */
function ofObjects(before: State, after: State, open: OpenProblems): Announcement[] {
  if (before.objects === after.objects && before.crashes === after.crashes) return []
  const told: Announcement[] = []
  for (const [key, object] of Object.entries(after.objects)) {
    if (object.linked.services.length > 0) continue
    if (before.objects[key] === object && before.crashes === after.crashes) continue
    const name = displayRef(object.linked.ref)
    const was = before.objects[key] === undefined ? undefined : objectStatus(before, key)
    const is = objectStatus(after, key)
    told.push(...problemChange(tellable(before, was), tellable(after, is), { object: name }, open.has(name)))
    const becameReady =
      object.rollout?.doneAt !== undefined && before.objects[key]?.rollout?.doneAt === undefined
    if (becameReady && is.phase === 'live') told.push({ type: 'ready', object: name })
  }
  return told
}

/** Whether what stands in a service's way is told of the session as a whole: once, not for every service. */
function isOfSession(state: State, status: ServiceStatus): boolean {
  if (status.phase !== 'failed') return false
  const problem = JSON.stringify(status.problem)
  return [engineProblem(state), clusterProblem(state), state.render.problem].some(
    known => known !== undefined && JSON.stringify(known) === problem,
  )
}

/** A crash whose last lines are on their way is told with them, not twice. */
function tellable<T extends ServiceStatus | undefined>(state: State, status: T): T | ServiceStatus {
  return status?.phase === 'failed' && !status.final && isBeingRead(state, status.problem)
    ? { phase: 'rolling', message: status.problem.kind }
    : status
}

function problemChange(
  was: ServiceStatus | undefined,
  is: ServiceStatus,
  of: { readonly service: string } | { readonly object: string },
  isOpen: boolean,
): Announcement[] {
  const old = was?.phase === 'failed' ? was : undefined
  const now = is.phase === 'failed' ? is : undefined
  if (now !== undefined) {
    if (now.problem.kind === 'cancelled') return []
    const isNews =
      old === undefined ||
      problemIdentity(old.problem) !== problemIdentity(now.problem) ||
      (now.final && !old.final)
    return isNews ? [{ type: 'problem', ...of, final: now.final, problem: now.problem }] : []
  }
  const isWell = is.phase === 'live' || is.phase === 'scaled-to-zero' || is.phase === 'rolled-back'
  return (old !== undefined || isOpen) && isWell ? [{ type: 'solved', ...of, title: '' }] : []
}

/** What makes a problem news: a crash loop's growing count of restarts does not, its last lines do. */
function problemIdentity(problem: Problem): string {
  if (problem.kind !== 'rollout-failed') return JSON.stringify(problem)
  const { workload, reason, container, exitCode, lastLines } = problem
  // What cannot be started has an exit code while it is over, and none while it waits for the next attempt.
  const code = reason === 'start-error' ? undefined : exitCode
  return JSON.stringify([workload, reason, container, code, lastLines.length > 0])
}

function ofSession(before: State, after: State, open: OpenProblems): Announcement[] {
  const told: Announcement[] = [...ofCluster(after, open)]
  const changes: readonly (readonly [Problem | undefined, Problem | undefined, string])[] = [
    [before.configProblem, after.configProblem, 'config'],
    [before.watchProblem, after.watchProblem, 'watch'],
    [engineProblem(before), engineProblem(after), 'docker'],
    [before.render.problem, after.render.problem, 'manifests'],
  ]
  for (const [was, is, title] of changes) {
    if (is !== undefined && JSON.stringify(is) !== JSON.stringify(was))
      told.push({ type: 'problem', object: title, final: false, problem: is })
    if (is === undefined && was !== undefined) told.push({ type: 'solved', object: title, title })
  }
  for (const problem of after.bugs.slice(before.bugs.length))
    told.push({ type: 'problem', final: true, problem })
  return told
}

/** A retry in between neither solves the problem nor makes it news. */
function ofCluster(after: State, open: OpenProblems): Announcement[] {
  const problem = clusterProblem(after)
  if (problem !== undefined && !open.has('cluster'))
    return [{ type: 'problem', object: 'cluster', final: false, problem }]
  if (after.cluster.kind === 'connected' && open.has('cluster'))
    return [{ type: 'solved', object: 'cluster', title: 'cluster' }]
  return []
}

function engineProblem({ engine }: State): Problem | undefined {
  return engine.kind === 'unreachable' ? engine.problem : undefined
}

/** A retry that is under way has not solved anything yet. */
function clusterProblem({ cluster }: State): Problem | undefined {
  return cluster.kind === 'absent' ? cluster.problem : undefined
}
