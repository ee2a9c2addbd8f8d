import { specOf } from '../desired.js'
import type { SourceEvent, SyncEvent } from '../event.js'
import type { BuiltImage, ServiceState, State } from '../state.js'
import { decideSync } from '../sync/decide-sync.js'
import type { SyncState } from '../sync/sync-state.js'
import { updateService } from './update.js'

type Stamped<E> = E & { readonly at: number }

const unsynced: SyncState = {
  saves: [],
  decision: { kind: 'build', save: 0, why: { kind: 'no-container' } },
  containers: {},
  gone: [],
  running: undefined,
  restarted: undefined,
  problem: undefined,
}

/** Decides what becomes of a save that was just read, where its service has `sync` rules. */
export function withSyncDecision(
  state: State,
  name: string,
  event: Extract<SourceEvent, { type: 'scan-finished' }>,
): State {
  const service = state.services[name]
  const spec = specOf(state, name)
  if (service === undefined || spec?.sync === undefined || service.source.kind !== 'known') return state
  const { save } = service.source
  const { changed, outside = [], retyped = [] } = event
  const known = service.sync ?? unsynced
  const saves = [...known.saves, { save, paths: changed }]
  const decision = decideSync(state, {
    spec,
    service,
    read: { save, changed, outside, retyped },
    saves,
  })
  return updateService(state, name, s => ({ ...s, sync: { ...known, saves, decision, problem: undefined } }))
}

/**
 * An image has every file of its save: what came after it is all that containers can lack. Only where it came out as the one before, so that nothing rolls, what was
 * synced in between is put back.
 */
export function afterImage(
  sync: SyncState | undefined,
  image: Pick<BuiltImage, 'save' | 'reference' | 'fingerprint'>,
  before: BuiltImage | undefined,
  rules: string,
): SyncState | undefined {
  if (sync === undefined) return undefined
  const { save, fingerprint } = image
  if (image.reference === before?.reference && Object.keys(sync.containers).length > 0)
    return sync.decision.save > save
      ? sync
      : { ...sync, decision: { kind: 'sync', save, fingerprint, rules } }
  if (sync.decision.save > save) return { ...sync, saves: sync.saves.filter(one => one.save > save) }
  return sync.decision.kind === 'build' ? { ...unsynced, decision: sync.decision } : undefined
}

export function reduceSync(state: State, event: Stamped<SyncEvent>): State {
  if (event.type === 'earlier-syncs-read')
    return { ...state, syncedBefore: Object.fromEntries(event.containers.map(id => [id, true])) }
  return updateService(state, event.service, service => {
    const { sync } = service
    if (sync === undefined) return service
    if (event.type === 'sync-started') {
      const { run, at, restart } = event
      const restarted = restart ? run : sync.restarted
      return { ...service, sync: { ...sync, running: { run, startedAt: at, restart }, restarted } }
    }
    if (sync.running?.run !== event.run) return service
    const ended: SyncState = { ...sync, running: undefined }
    switch (event.type) {
      case 'sync-cancelled':
        return { ...service, sync: ended }
      case 'sync-refused':
        return {
          ...service,
          sync: {
            ...ended,
            decision: {
              kind: 'build',
              save: sync.decision.save,
              why: { kind: 'refused', message: event.message },
            },
          },
        }
      case 'sync-finished':
        return finished(service, ended, event, event.at - sync.running.startedAt)
    }
  })
}

function finished(
  service: ServiceState,
  sync: SyncState,
  event: Extract<SyncEvent, { type: 'sync-finished' }>,
  duration: number,
): ServiceState {
  const { save, containers, gone, problem } = event
  const { ledger } = service
  return {
    ...service,
    sync: {
      ...sync,
      containers: { ...sync.containers, ...Object.fromEntries(containers.map(id => [id, save])) },
      gone: [...sync.gone, ...gone],
      problem: save === sync.decision.save ? problem : sync.problem,
    },
    ledger:
      save === ledger.save && ledger.liveSave !== save
        ? { ...ledger, stages: { ...ledger.stages, sync: duration } }
        : ledger,
  }
}
