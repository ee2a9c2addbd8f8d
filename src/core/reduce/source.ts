import type { FileEvent, SourceEvent } from '../event.js'
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
    next = updateService(next, name, service => ({
      ...countPausedSave(service),
      pending: {
        paths:
          service.pending?.paths === 'all'
            ? 'all'
            : [...new Set([...(service.pending?.paths ?? []), ...paths])],
        firstAt: Math.min(service.pending?.firstAt ?? event.firstAt, event.firstAt),
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
  if (before !== undefined && before.digest === digest) {
    return updateService(state, service.name, s => ({ ...s, source: { kind: 'known', ...before, bases } }))
  }
  // The very first reading is the tree as it was found, not a save.
  const [next, save] =
    before === undefined && !state.batches.some(batch => batch.firstAt === source.firstAt)
      ? [state, 0]
      : numberOfBatch(state, source.firstAt)
  const inputs: Inputs = {
    digest,
    bases,
    files,
    bytes,
    changed: event.changed,
    save,
    savedAt: source.firstAt,
  }
  const read = updateService(next, service.name, s => ({
    ...s,
    source: { kind: 'known', ...inputs },
    ledger: {
      ...s.ledger,
      save,
      savedAt: source.firstAt,
      stages: { scan: event.at - source.startedAt },
      liveAt: undefined,
    },
  }))
  return before === undefined ? read : withSyncDecision(read, service.name, event)
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
