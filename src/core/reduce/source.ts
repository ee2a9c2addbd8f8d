import { specOf } from '../desired.js'
import type { FileEvent, SourceEvent } from '../event.js'
import { buildHooks, hookKeys, maxRuns } from '../hooks/due-hook.js'
import { unprepared } from '../hooks/hook-state.js'
import { matchesAny } from '../hooks/path-pattern.js'
import { savedFiles } from '../saved-files.js'
import type { Inputs, ServiceState, State } from '../state.js'
import { engineLost } from './engine.js'
import { countPausedSave } from './intent.js'
import { withSyncDecision } from './sync.js'
import { isCurrent, updateService } from './update.js'

type Stamped<E> = E & { readonly at: number }

/** Notes which services and manifests have to be read again. No save has a number yet: the content may be what it was. */
export function filesChanged(
  state: State,
  event: Stamped<Extract<FileEvent, { type: 'files-changed' }>>,
): State {
  let next: State = { ...state, batches: [...state.batches, { firstAt: event.firstAt, save: undefined }] }
  for (const [name, paths] of Object.entries(event.services)) {
    const own = ownPaths(next, name, paths)
    if (own.length === 0) continue
    next = updateService(next, name, service => ({
      ...countPausedSave(service),
      pending: {
        paths:
          service.pending?.paths === 'all'
            ? 'all'
            : [...new Set([...(service.pending?.paths ?? []), ...own])],
        // What a hook changed is of an older save than this one.
        firstAt:
          service.pending === undefined || service.pending.afterHook === true
            ? event.firstAt
            : Math.min(service.pending.firstAt, event.firstAt),
      },
    }))
  }
  if (event.manifests.length > 0) {
    next = {
      ...next,
      render: {
        ...next.render,
        due: true,
        firstAt: next.render.due
          ? Math.min(next.render.firstAt ?? event.firstAt, event.firstAt)
          : event.firstAt,
      },
    }
  }
  return dropFinishedBatches(next)
}

/** Without what a running hook writes: all of that is read when it ends. */
function ownPaths(state: State, name: string, paths: readonly string[]): readonly string[] {
  const running = state.services[name]?.prepare?.running
  const hook = buildHooks(specOf(state, name)).find(({ id }) => id === running?.hook)
  const outputs = hook?.outputs
  return outputs === undefined ? paths : paths.filter(path => !matchesAny(outputs, path))
}

export function reduceSource(state: State, event: Stamped<SourceEvent>): State {
  switch (event.type) {
    case 'scan-started':
      return updateService(state, event.service, service => ({
        ...service,
        pending: undefined,
        source: {
          kind: 'scanning',
          run: event.run,
          firstAt: service.pending?.firstAt ?? event.at,
          startedAt: event.at,
          before: inputsBefore(service),
          ...(service.pending?.afterHook === true ? { afterHook: true } : {}),
        },
      }))
    case 'scan-finished': {
      const service = state.services[event.service]
      if (service?.source.kind !== 'scanning' || !isCurrent(service.source, event.run)) return state
      return dropFinishedBatches(scanFinished(state, service, service.source, event))
    }
    case 'scan-failed': {
      const service = state.services[event.service]
      if (service?.source.kind !== 'scanning' || !isCurrent(service.source, event.run)) return state
      const { before } = service.source
      if (event.problem.kind === 'cancelled') {
        return updateService(state, event.service, s => ({
          ...s,
          source: before === undefined ? { kind: 'unknown' } : { kind: 'known', ...before },
        }))
      }
      const next = updateService(state, event.service, s => ({
        ...s,
        source: { kind: 'failed', problem: event.problem, before },
      }))
      const known = dropFinishedBatches(next)
      return event.problem.kind === 'engine-unreachable' ? engineLost(known, event.problem) : known
    }
  }
}

function scanFinished(
  state: State,
  service: ServiceState,
  source: Extract<ServiceState['source'], { kind: 'scanning' }>,
  event: Stamped<Extract<SourceEvent, { type: 'scan-finished' }>>,
): State {
  const { before } = source
  const { digest, bases, files, bytes } = event
  const specs = buildHooks(specOf(state, service.name))
  const hooks = hookKeys(specs, event.hooks)
  const isOfHook = before !== undefined && source.afterHook === true
  const isSame = before?.digest === digest
  if (before !== undefined && isSame && (before.hooks === hooks || isOfHook)) {
    return withReadings(
      updateService(state, service.name, s => ({ ...s, source: { kind: 'known', ...before, bases, hooks } })),
      service.name,
      event,
    )
  }
  // The very first reading is the tree as it was found, not a save.
  const [next, save] = isOfHook
    ? [state, before.save]
    : before === undefined && !state.batches.some(batch => batch.firstAt === source.firstAt)
      ? [state, 0]
      : numberOfBatch(state, source.firstAt)
  const inputs: Inputs = {
    digest,
    bases,
    files,
    bytes,
    changed: isOfHook ? [...new Set([...before.changed, ...savedFiles(event)])] : savedFiles(event),
    save,
    savedAt: isOfHook ? before.savedAt : source.firstAt,
    ...(hooks === undefined ? {} : { hooks }),
  }
  const read = updateService(next, service.name, s => ({
    ...s,
    source: { kind: 'known', ...inputs },
    ledger: isOfHook
      ? { ...s.ledger, liveAt: undefined }
      : {
          ...s.ledger,
          save,
          savedAt: source.firstAt,
          stages: { scan: event.at - source.startedAt },
          liveAt: undefined,
        },
  }))
  const prepared = withReadings(read, service.name, event)
  return before === undefined || isSame ? prepared : withSyncDecision(prepared, service.name, event)
}

/** What was read of the hooks. One that changes its own inputs each time is taken as it is in the end. */
function withReadings(
  state: State,
  name: string,
  { hooks: readings }: Extract<SourceEvent, { type: 'scan-finished' }>,
): State {
  if (readings === undefined) return state
  const specs = buildHooks(specOf(state, name))
  return updateService(state, name, service => {
    const prepare = service.prepare ?? unprepared
    const endless = specs.filter(hook => {
      const ran = prepare.ran[hook.id]
      return ran?.save === service.ledger.save && ran.times >= maxRuns(hook)
    })
    const accepted = endless.map(({ id }) => [id, readings[id]?.key ?? ''] as const)
    return {
      ...service,
      prepare: { ...prepare, readings, accepted: { ...prepare.accepted, ...Object.fromEntries(accepted) } },
    }
  })
}

/** The number of the save that a batch turned out to be; the first change of content in a batch gives it one. */
export function numberOfBatch(state: State, firstAt: number): readonly [State, number] {
  const batch = state.batches.find(candidate => candidate.firstAt === firstAt)
  if (batch?.save !== undefined) return [state, batch.save]
  const save = state.save + 1
  const batches = state.batches.map(candidate =>
    candidate.firstAt === firstAt ? { ...candidate, save } : candidate,
  )
  return [{ ...state, save, batches }, save]
}

/** A batch is kept while something that it started is still being read. */
export function dropFinishedBatches(state: State): State {
  const open = new Set<number>()
  for (const service of Object.values(state.services)) {
    if (service.pending !== undefined) open.add(service.pending.firstAt)
    if (service.source.kind === 'scanning') open.add(service.source.firstAt)
  }
  if (state.render.due || state.render.run !== undefined) {
    if (state.render.firstAt !== undefined) open.add(state.render.firstAt)
  }
  const batches = state.batches.filter(batch => open.has(batch.firstAt))
  return batches.length === state.batches.length ? state : { ...state, batches }
}

function inputsBefore(service: ServiceState): Inputs | undefined {
  switch (service.source.kind) {
    case 'unknown':
      return undefined
    case 'known': {
      const { kind: _, ...inputs } = service.source
      return inputs
    }
    case 'scanning':
    case 'failed':
      return service.source.before
  }
}
