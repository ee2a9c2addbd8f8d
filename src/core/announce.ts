import { answersNews } from './announce/answers-news.js'
import { objectNews } from './announce/object-news.js'
import type { OpenProblems } from './announce/open-problems.js'
import { droppedNews, prunedNews } from './announce/prune-news.js'
import { serviceNews } from './announce/service-news.js'
import { sessionNews } from './announce/session-news.js'
import type { Announcement } from './announcement.js'
import { answerIntent } from './answer-intent.js'
import type { StampedEvent } from './event.js'
import { explain } from './explain.js'
import { forwardNews } from './forwards/forward-news.js'
import { hostsNews } from './hosts/hosts-news.js'
import { displayRef } from './kube-object.js'
import { absentNews, lostNews } from './load/load-news.js'
import { isLeftOut } from './optional-kind.js'
import { deletedWorkloads } from './reduce/deleted.js'
import { gatewayNews } from './routes/gateway-news.js'
import { savedFiles } from './saved-files.js'
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
        { type: 'save', save, service: event.service, files: savedFiles(event) },
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
    case 'load-failed':
      return absentNews(before, after, event)
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
    case 'observed':
      return [
        ...answersNews(after, event),
        ...lostNews(before, after),
        ...deletedWorkloads(before, event.observations).map(
          (object): Announcement => ({
            type: 'notice',
            message: `${object} was deleted in the cluster, and is made again`,
          }),
        ),
      ]
    case 'prune-finished':
      return prunedNews(event)
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
    ...serviceNews(before, after, open),
    ...objectNews(before, after, open),
    ...sessionNews(before, after, open),
    ...droppedNews(before, after),
  ]
}
