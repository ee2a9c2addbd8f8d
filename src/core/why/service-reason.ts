import { join } from 'node:path'
import { explain } from '../explain.js'
import { serviceStatus } from '../service-status.js'
import type { ServiceState, State } from '../state.js'
import { describeReason } from '../sync/sync-state.js'
import type { Verdict } from './path-report.js'

/** Changes that the watcher told of together. */
export interface NotedBatch {
  /** Milliseconds since the epoch of the first change. */
  readonly firstAt: number
  /** Absolute; the first of them where there were many. */
  readonly paths: readonly string[]
}

export interface FileReason {
  /** Absolute. */
  readonly path: string
  readonly why: string
}

/** What started the last save of a service, what became of it, and why a change after it did not start another. Plain JSON; times in ms since the epoch. */
export interface ServiceReason {
  readonly service: string
  readonly save: number
  readonly savedAt: number
  readonly liveAt: number | undefined
  /** `start`: the tree as it was found. */
  readonly cause: 'start' | 'files' | 'manifests' | 'unread'
  readonly files: readonly FileReason[]
  /** How many more files there are. */
  readonly more: number
  /** Milliseconds. */
  readonly stages: Readonly<Record<string, number>>
  readonly image: { readonly reference: string; readonly cached: boolean; readonly save: number } | undefined
  readonly later: LaterChange | undefined
  /** Of a service with `sync` rules: whether the save went into its containers, and if not, why it made an image. */
  readonly sync?: { readonly kind: 'sync' } | { readonly kind: 'image'; readonly why: string }
  /** What it failed with, in one line. */
  readonly problem?: string
}

/** A change after the last save that started nothing. */
export interface LaterChange {
  readonly at: number
  /** `equal`: inputs were written with the content that they had. */
  readonly kind: 'equal' | 'no-input'
  readonly files: readonly FileReason[]
}

/** Files that are named; the others are counted. */
const NAMED = 20

export interface ServiceQuestion {
  readonly state: State
  readonly service: string
  /** Oldest first. */
  readonly batches: readonly NotedBatch[]
  /** Judges an absolute path for the service. */
  readonly judge: (path: string) => Verdict
  /** Absolute path of the build context. */
  readonly context: string
}

/** Undefined for a service that the session has not. */
export function serviceReason(question: ServiceQuestion): ServiceReason | undefined {
  const { state } = question
  const service = state.services[question.service]
  if (service === undefined) return undefined
  const { ledger, image } = service
  const isOfManifests = ledger.save > 0 && ledger.save !== savedBy(service)
  const files = isOfManifests ? manifestFiles(question, ledger.savedAt) : inputFiles(question, service)
  const isRead = service.source.kind === 'known'
  return {
    service: service.name,
    save: ledger.save,
    savedAt: ledger.savedAt,
    liveAt: ledger.liveAt,
    cause: isOfManifests ? 'manifests' : ledger.save > 0 ? 'files' : isRead ? 'start' : 'unread',
    files: files.slice(0, NAMED),
    more: Math.max(0, files.length - NAMED),
    stages: { ...ledger.stages },
    image:
      image === undefined
        ? undefined
        : { reference: image.reference, cached: image.cached, save: image.save },
    later: laterChange(question, service),
    ...syncOf(service),
    ...problemOf(state, service.name),
  }
}

function problemOf(state: State, service: string): Pick<ServiceReason, 'problem'> {
  const status = serviceStatus(state, service)
  return status.phase === 'failed' ? { problem: explain(status.problem).title } : {}
}

function syncOf({ sync, ledger }: ServiceState): Pick<ServiceReason, 'sync'> {
  if (sync === undefined || sync.decision.save !== ledger.save) return {}
  const { decision } = sync
  return {
    sync: decision.kind === 'sync' ? { kind: 'sync' } : { kind: 'image', why: describeReason(decision.why) },
  }
}

/** The save of the files that were read last. Every other one is of manifests. */
function savedBy({ source }: ServiceState): number | undefined {
  if (source.kind === 'known') return source.save
  return source.kind === 'unknown' ? undefined : source.before?.save
}

/** Content that differs, and files that count for other reasons than their place in the context: the Dockerfile, ignore files, `watch.extra`. */
function inputFiles(
  { batches, judge, context }: ServiceQuestion,
  { source }: ServiceState,
): readonly FileReason[] {
  if (source.kind !== 'known' || source.save === 0) return []
  const changed = source.changed.map(path => join(context, path))
  const noted = pathsUntil(batches, source.savedAt, path => judge(path).input)
  // A file in the context that is written anew with what it had did not make the save.
  const others = noted.filter(path => !changed.includes(path) && changed.length === 0 && judge(path).input)
  return [...new Set([...changed, ...others])].map(path => ({ path, why: judge(path).why }))
}

function manifestFiles({ state, batches }: ServiceQuestion, savedAt: number): readonly FileReason[] {
  const { files } = state.render.inputs
  return pathsUntil(batches, savedAt, path => files.includes(path)).map(path => ({
    path,
    why: 'the manifests are read from it',
  }))
}

/** The fitting paths of the last batch that has some, up to a time: a save that was found by looking is a little later than what the watcher told of. */
function pathsUntil(
  batches: readonly NotedBatch[],
  time: number,
  fits: (path: string) => boolean,
): readonly string[] {
  return (
    batches
      .filter(({ firstAt }) => firstAt <= time)
      .map(({ paths }) => paths.filter(fits))
      .findLast(paths => paths.length > 0) ?? []
  )
}

function laterChange(
  { batches, judge, context }: ServiceQuestion,
  { source, pending, ledger }: ServiceState,
): LaterChange | undefined {
  if (source.kind !== 'known' || pending !== undefined) return undefined
  const near = batches
    .filter(({ firstAt }) => firstAt > Math.max(source.savedAt, ledger.savedAt))
    .map(batch => ({
      at: batch.firstAt,
      files: batch.paths.flatMap(path => {
        const verdict = judge(path)
        return verdict.input || path.startsWith(`${context}/`) ? [{ path, ...verdict }] : []
      }),
    }))
    .findLast(({ files }) => files.length > 0)
  if (near === undefined) return undefined
  const inputs = near.files.filter(({ input }) => input)
  const named = (inputs.length > 0 ? inputs : near.files).slice(0, NAMED)
  return {
    at: near.at,
    kind: inputs.length > 0 ? 'equal' : 'no-input',
    files: named.map(({ path, why }) => ({ path, why })),
  }
}
