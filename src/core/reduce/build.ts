import { specOf } from '../desired.js'
import type { BuildEvent, LoadEvent } from '../event.js'
import { fingerprintOf } from '../fingerprint.js'
import type { BuiltImage, LoadState, ServiceState, State } from '../state.js'
import { rulesText } from '../sync/match-rule.js'
import { engineLost } from './engine.js'
import { afterImage } from './sync.js'
import { isCurrent, updateService } from './update.js'

type Stamped<E> = E & { readonly at: number }

export function reduceBuild(state: State, event: Stamped<BuildEvent>): State {
  switch (event.type) {
    case 'build-started':
      return updateService(state, event.service, service => ({
        ...service,
        steering: event.rebuild ? { ...service.steering, rebuild: false } : service.steering,
        build: {
          kind: 'building',
          run: event.run,
          fingerprint: event.fingerprint,
          save: event.save,
          startedAt: event.at,
          step: undefined,
          superseded: false,
          rebuild: event.rebuild,
          digest: event.digest,
        },
      }))
    case 'build-progressed':
      return whileBuilding(state, event, (service, build) => ({
        ...service,
        build: { ...build, step: event.step },
      }))
    case 'build-superseded':
      return whileBuilding(supersededHook(state, event), event, (service, build) => ({
        ...service,
        build: { ...build, superseded: true },
      }))
    case 'build-finished':
      return whileBuilding(state, event, (service, build) => buildFinished(state, service, build, event))
    case 'build-failed':
      return buildFailed(state, event)
    case 'engine-probe-started':
      return state.engine.kind === 'unreachable'
        ? { ...state, engine: { ...state.engine, probing: event.run, due: false } }
        : state
    case 'engine-probe-failed':
      return state.engine.kind === 'unreachable'
        ? {
            ...state,
            engine: {
              ...state.engine,
              problem: event.problem,
              probing: undefined,
              attempts: state.engine.attempts + 1,
            },
          }
        : state
    case 'engine-recovered':
      return engineRecovered(state)
  }
}

function supersededHook(
  state: State,
  { service, run }: { readonly run: number; readonly service: string },
): State {
  return updateService(state, service, s =>
    s.prepare?.running?.run === run
      ? { ...s, prepare: { ...s.prepare, running: { ...s.prepare.running, superseded: true } } }
      : s,
  )
}

type Building = Extract<ServiceState['build'], { kind: 'building' }>

function whileBuilding(
  state: State,
  event: { readonly run: number; readonly service: string },
  change: (service: ServiceState, build: Building) => ServiceState,
): State {
  const service = state.services[event.service]
  if (service?.build.kind !== 'building' || !isCurrent(service.build, event.run)) return state
  const { build } = service
  return updateService(state, event.service, s => change(s, build))
}

function buildFinished(
  state: State,
  service: ServiceState,
  build: Building,
  event: Stamped<Extract<BuildEvent, { type: 'build-finished' }>>,
): ServiceState {
  const spec = specOf(state, service.name)
  const isOfPresentInputs =
    service.source.kind === 'known' &&
    spec !== undefined &&
    build.fingerprint === presentFingerprint(state, service)
  const image: BuiltImage = {
    fingerprint: event.fingerprint,
    imageId: event.imageId,
    reference: event.reference,
    save: build.save,
    bytes: event.bytes,
    cached: event.cached,
    digest: build.digest,
    program: event.program,
  }
  // The build may have pulled a base: what was fingerprinted without it is, with it, this image.
  const source =
    isOfPresentInputs && service.source.kind === 'known'
      ? { ...service.source, bases: event.bases }
      : service.source
  const fingerprint = isOfPresentInputs
    ? (presentFingerprint(state, { ...service, source }) ?? event.fingerprint)
    : event.fingerprint
  return {
    ...service,
    source,
    build: { kind: 'idle' },
    image: { ...image, fingerprint },
    sync: afterImage(service.sync, { ...image, fingerprint }, service.image, rulesText(spec?.sync ?? [])),
    ledger: {
      ...service.ledger,
      supersededInARow: 0,
      stages:
        build.save === service.ledger.save
          ? { ...service.ledger.stages, build: event.at - build.startedAt }
          : service.ledger.stages,
    },
  }
}

function presentFingerprint(state: State, service: ServiceState): string | undefined {
  const spec = specOf(state, service.name)
  if (spec === undefined || service.source.kind !== 'known') return undefined
  const required = Object.fromEntries(
    spec.requires.map(({ service: base }) => [base, state.services[base]?.image?.imageId ?? '']),
  )
  return fingerprintOf(spec, { ...service.source, required })
}

function buildFailed(state: State, event: Extract<BuildEvent, { type: 'build-failed' }>): State {
  const next = whileBuilding(state, event, (service, build) => {
    if (event.problem.kind === 'cancelled') {
      const supersededInARow = build.superseded
        ? service.ledger.supersededInARow + 1
        : service.ledger.supersededInARow
      // Who asked to build again is not served by an image of the newer inputs that is known already.
      const rebuild = build.rebuild || service.steering.rebuild
      return {
        ...service,
        build: { kind: 'idle' },
        steering: { ...service.steering, rebuild },
        ledger: { ...service.ledger, supersededInARow },
      }
    }
    // Without the engine nothing was tried: it is asked for still.
    const isUntried = build.rebuild && event.problem.kind === 'engine-unreachable'
    return {
      ...service,
      steering: isUntried ? { ...service.steering, rebuild: true } : service.steering,
      build: { kind: 'failed', fingerprint: build.fingerprint, save: build.save, problem: event.problem },
      ledger: { ...service.ledger, supersededInARow: 0 },
    }
  })
  return event.problem.kind === 'engine-unreachable' ? engineLost(next, event.problem) : next
}

/** What failed for want of the engine is as good as never tried. */
function engineRecovered(state: State): State {
  const services = Object.fromEntries(
    Object.entries(state.services).map(([name, service]) => {
      const build: ServiceState['build'] =
        service.build.kind === 'failed' && service.build.problem.kind === 'engine-unreachable'
          ? { kind: 'idle' }
          : service.build
      const scanAgain =
        service.source.kind === 'failed' && service.source.problem.kind === 'engine-unreachable'
      return [
        name,
        {
          ...service,
          build,
          pending: scanAgain
            ? { paths: 'all' as const, firstAt: service.pending?.firstAt ?? service.ledger.savedAt }
            : service.pending,
        },
      ]
    }),
  )
  const loads = Object.fromEntries(
    Object.entries(state.loads).filter(
      ([, load]) => !(load.kind === 'failed' && load.problem.kind === 'engine-unreachable'),
    ),
  )
  return { ...state, services, loads, engine: { kind: 'assumed' } }
}

export function reduceLoad(state: State, event: Stamped<LoadEvent>): State {
  const load = state.loads[event.image]
  const set = (next: LoadState): State => ({ ...state, loads: { ...state.loads, [event.image]: next } })
  if (event.type === 'load-started') {
    return set({
      kind: 'loading',
      run: event.run,
      startedAt: event.at,
      progressedAt: event.at,
      sentBytes: 0,
      totalBytes: undefined,
      attempts: load?.kind === 'failed' ? load.attempts : 0,
      ...(load?.kind === 'loaded' ? { again: true } : {}),
    })
  }
  if (load?.kind !== 'loading' || !isCurrent(load, event.run)) return state
  switch (event.type) {
    case 'load-progressed': {
      const { stalled: _, ...moving } = load
      const { sentBytes, totalBytes, at } = event
      return set({ ...moving, sentBytes, totalBytes, progressedAt: at })
    }
    case 'load-stalled':
      return set({ ...load, stalled: true })
    case 'load-superseded':
      return set({ ...load, superseded: true })
    case 'load-skipped':
      return set({ kind: 'not-local' })
    case 'load-finished':
      return markDeployable(
        set({ kind: 'loaded', podReference: event.podReference }),
        event.image,
        event.at - load.startedAt,
      )
    case 'load-failed': {
      if (event.problem.kind === 'cancelled') {
        const { [event.image]: _, ...loads } = state.loads
        return { ...state, loads }
      }
      const failed = set({
        kind: 'failed',
        problem: event.problem,
        attempts: load.attempts + 1,
        retry: false,
      })
      if (event.problem.kind === 'image-load-failed' && event.problem.absent === true)
        return builtAnew(failed, event.image)
      return event.problem.kind === 'engine-unreachable' ? engineLost(failed, event.problem) : failed
    }
  }
}

/** Forgets the image where the engine has lost it, so that it is built of the same files again; that of no service stays failed. */
function builtAnew(state: State, reference: string): State {
  const owners = Object.values(state.services).filter(({ image }) => image?.reference === reference)
  if (owners.length === 0) return state
  const { [reference]: _, ...loads } = state.loads
  return owners.reduce(
    (next, { name }) => updateService(next, name, service => ({ ...service, image: undefined })),
    { ...state, loads },
  )
}

/** Gives each service whose newest image is this one to the deployment. */
function markDeployable(state: State, reference: string, duration: number): State {
  let next = state
  for (const service of Object.values(state.services)) {
    if (service.image?.reference === reference)
      next = updateService(next, service.name, s => withDeployable(next, s, duration))
  }
  return next
}

/** The service with its newest image made deployable, if the nodes have it. */
export function withDeployable(state: State, service: ServiceState, duration: number): ServiceState {
  const { image } = service
  if (image === undefined) return service
  const load = state.loads[image.reference]
  if (load?.kind !== 'loaded' || (service.deployable?.save ?? -1) > image.save) return service
  const { reference, fingerprint, save, program } = image
  return {
    ...service,
    deployable: { podReference: load.podReference, reference, fingerprint, save, program },
    ledger: {
      ...service.ledger,
      stages:
        image.save === service.ledger.save
          ? { ...service.ledger.stages, load: duration }
          : service.ledger.stages,
    },
  }
}
