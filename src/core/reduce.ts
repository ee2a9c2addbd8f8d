import type { ConfigEvent, Event, SessionEvent, StampedEvent } from './event.js'
import { noInputs } from './manifest/render-inputs.js'
import type { Project, ServiceSpec } from './project.js'
import { nothingPruned } from './prune/prune-state.js'
import { reduceApply } from './reduce/apply.js'
import { reduceBuild, reduceLoad, withDeployable } from './reduce/build.js'
import { askAgain, reduceCheck } from './reduce/check.js'
import { nothingObserved, reduceCluster } from './reduce/cluster.js'
import { withNamespacesAnew } from './reduce/deleted.js'
import { reduceHooks } from './reduce/hooks.js'
import { recordLives, reduceIntent } from './reduce/intent.js'
import { recordLive } from './reduce/ledger.js'
import { newService } from './reduce/new-service.js'
import { advanceSwitches, restoreOverrides } from './reduce/overrides.js'
import { reducePrune } from './reduce/prune.js'
import { reduceRender } from './reduce/render.js'
import { reduceRestart } from './reduce/restart.js'
import { judgeAll, reduceRollout } from './reduce/rollout.js'
import { filesChanged, reduceSource } from './reduce/source.js'
import { reduceSync } from './reduce/sync.js'
import { updateObject, updateService } from './reduce/update.js'
import { unseenApplies } from './rollout/unseen-applies.js'
import { selectServices } from './select-services.js'
import type { Mode, ServiceState, State } from './state.js'
import { isRetried, LOAD_ATTEMPTS } from './status/given-up.js'

export function initialState(project: Project, mode: Mode): State {
  return {
    project,
    mode,
    configProblem: undefined,
    watchProblem: undefined,
    save: 0,
    batches: [],
    nextRun: 1,
    engine: { kind: 'assumed' },
    cluster: { kind: 'absent', problem: undefined, attempts: 0, due: mode.deploy, known: undefined },
    render: {
      due: mode.deploy,
      run: undefined,
      problem: undefined,
      manifests: undefined,
      warnings: [],
      inputs: noInputs,
      firstAt: undefined,
      save: 0,
    },
    services: Object.fromEntries(
      selectServices(project, mode.only).map(service => [service.name, newService(service)]),
    ),
    loads: {},
    objects: {},
    prune: nothingPruned,
    observed: nothingObserved,
    checks: {},
    hosts: undefined,
    timings: {},
    gateway: undefined,
    forwards: [],
    crashes: {},
    bugs: [],
    stopping: false,
  }
}

/** The state after an event. Total: an event that no longer concerns anything changes nothing. */
export function reduce(state: State, event: StampedEvent): State {
  const next = reduceOne(
    'run' in event && event.run >= state.nextRun ? { ...state, nextRun: event.run + 1 } : state,
    event,
  )
  if (next === state || isBeginning(event)) return next
  const concerned = concernedBy(next, event)
  return advanceSwitches(recordLives(recordLive(next, { at: event.at, concerned }), concerned))
}

/** The services that may be live by an event. */
function concernedBy(state: State, event: StampedEvent): readonly ServiceState[] {
  const { services } = state
  if (event.type !== 'apply-finished' && event.type !== 'apply-failed') return Object.values(services)
  // A service is live by its own objects: a project that comes up is not gone through for each of them.
  const names = state.objects[event.key]?.linked.services ?? []
  return names.flatMap(name => services[name] ?? [])
}

/** Whether an event only says that something is under way: nothing becomes live by it, and looking costs with the size of the project. */
function isBeginning({ type }: StampedEvent): boolean {
  return type.endsWith('-started') || type.endsWith('-progressed')
}

function reduceOne(state: State, event: StampedEvent): State {
  switch (event.type) {
    case 'config-reloaded':
    case 'config-rejected':
      return reduceConfig(state, event)
    case 'files-changed':
      return filesChanged(state, event)
    case 'watch-changed':
      return { ...state, watchProblem: event.problem }
    case 'scan-started':
    case 'scan-finished':
    case 'scan-failed':
      return reduceSource(state, event)
    case 'hook-started':
    case 'hook-finished':
    case 'hook-failed':
    case 'stage-started':
    case 'stage-finished':
    case 'stage-failed':
      return reduceHooks(state, event)
    case 'build-finished': {
      const built = reduceBuild(state, event)
      return updateService(built, event.service, service => withDeployable(built, service, 0))
    }
    case 'build-started':
    case 'build-progressed':
    case 'build-superseded':
    case 'build-failed':
    case 'engine-probe-started':
    case 'engine-probe-failed':
    case 'engine-recovered':
      return reduceBuild(state, event)
    case 'load-started':
    case 'load-progressed':
    case 'load-stalled':
    case 'load-superseded':
    case 'load-finished':
    case 'load-skipped':
    case 'load-failed':
      return reduceLoad(state, event)
    case 'render-started':
    case 'render-finished':
    case 'render-failed':
      return reduceRender(state, event)
    case 'connect-started':
    case 'connect-progressed':
    case 'cluster-connected':
    case 'connect-failed':
    case 'connection-changed':
    case 'prerequisite-seen':
    case 'observed':
      return reduceCluster(state, event)
    case 'apply-started':
    case 'apply-slowed':
    case 'apply-superseded':
    case 'apply-finished':
    case 'apply-failed':
      return reduceApply(state, event)
    case 'hook-clear-started':
      return updateObject(state, event.key, object => ({ ...object, clearing: 'under-way' }))
    case 'hook-cleared':
      return updateObject(state, event.key, object => ({ ...object, clearing: 'over' }))
    case 'dropped-look-started':
    case 'dropped-found':
    case 'dropped-look-failed':
    case 'prune-confirmed':
    case 'prune-started':
    case 'prune-finished':
      return reducePrune(state, event)
    case 'restart-started':
    case 'restart-finished':
    case 'restart-failed':
      return reduceRestart(state, event)
    case 'check-started':
    case 'check-passed':
    case 'check-failed':
      return reduceCheck(state, event)
    case 'sync-started':
    case 'sync-finished':
    case 'sync-refused':
    case 'sync-cancelled':
    case 'earlier-syncs-read':
      return reduceSync(state, event)
    case 'overrides-read':
      return restoreOverrides(state, event.overrides)
    case 'intent-given':
      return reduceIntent(state, event)
    case 'last-lines-started':
    case 'last-lines-read':
    case 'rollout-deadline-passed':
      return reduceRollout(state, event)
    case 'hosts-checked':
      return { ...state, hosts: event.report }
    case 'timings-reported':
      return { ...state, timings: Object.fromEntries(event.reports.map(one => [one.service, one])) }
    case 'gateway-changed':
      return { ...state, gateway: event.gateway }
    case 'forwards-changed':
      return { ...state, forwards: event.forwards }
    case 'stop-requested':
    case 'retry-due':
    case 'effect-crashed':
      return reduceSession(state, event)
  }
}

function reduceConfig(state: State, event: ConfigEvent & { readonly at: number }): State {
  if (event.type === 'config-rejected') return { ...state, configProblem: event.problem }
  const { project } = event
  const services: Record<string, ServiceState> = {}
  const objects = state.render.manifests?.objects
  for (const spec of selectServices(project, state.mode.only, objects)) {
    const known = state.services[spec.name]
    const before = state.project.services.find(service => service.name === spec.name)
    services[spec.name] =
      known === undefined || before === undefined
        ? // Its first reading is of this edit: one save together with the manifests that came with it.
          { ...newService(spec), pending: { paths: 'all', firstAt: event.at } }
        : readsOtherFiles(before, spec)
          ? { ...known, pending: { paths: 'all', firstAt: known.pending?.firstAt ?? event.at } }
          : known
  }
  return {
    ...state,
    project,
    services,
    configProblem: undefined,
    batches: [...state.batches, { firstAt: event.at, save: undefined }],
    render: {
      ...state.render,
      due: state.mode.deploy,
      firstAt: state.render.due ? (state.render.firstAt ?? event.at) : event.at,
    },
  }
}

/** Whether a change of the config means that a service's files must be read anew. */
function readsOtherFiles(before: ServiceSpec, after: ServiceSpec): boolean {
  const of = ({ context, dockerfile, target, buildArgs, watch, hooks }: ServiceSpec) =>
    JSON.stringify([context, dockerfile, target, buildArgs, watch, hooks?.beforeBuild])
  return of(before) !== of(after)
}

function reduceSession(state: State, event: SessionEvent & { readonly at: number }): State {
  switch (event.type) {
    case 'stop-requested':
      return { ...state, stopping: true }
    case 'effect-crashed':
      return { ...state, bugs: [...state.bugs, event.problem] }
    case 'retry-due':
      return event.what === 'judge' ? judgeAll(state, event.at) : retry(state, event.what)
  }
}

function retry(state: State, what: Exclude<Extract<Event, { type: 'retry-due' }>['what'], 'judge'>): State {
  switch (what) {
    case 'connect':
      return reconnect(state)
    case 'check':
      return askAgain(state)
    case 'look':
      return state.cluster.kind === 'connected'
        ? { ...state, cluster: { ...state.cluster, looked: unseenApplies(state).join() } }
        : state
    case 'prune':
      return { ...state, render: { ...state.render, due: true } }
    case 'engine':
      return state.engine.kind === 'unreachable'
        ? { ...state, engine: { ...state.engine, due: true } }
        : state
    case 'apply':
      return {
        ...state,
        objects: Object.fromEntries(
          Object.entries(withNamespacesAnew(state).objects).map(([key, object]) => [
            key,
            object.apply.kind === 'failed' && isRetried(object.apply.problem)
              ? { ...object, apply: { ...object.apply, retry: true } }
              : object,
          ]),
        ),
      }
    case 'load':
      return {
        ...state,
        loads: Object.fromEntries(
          Object.entries(state.loads).map(([image, load]) => [
            image,
            load.kind === 'failed' && load.attempts < LOAD_ATTEMPTS ? { ...load, retry: true } : load,
          ]),
        ),
      }
  }
}

/** A connection that is down for long is made anew, which tells why it cannot be, and ends a session that has to end. */
function reconnect(state: State): State {
  const { cluster } = state
  switch (cluster.kind) {
    case 'absent':
      return { ...state, cluster: { ...cluster, due: true } }
    case 'connecting':
      return state
    case 'connected': {
      if (cluster.link.up) return state
      const { kind: _, ...known } = cluster
      return { ...state, cluster: { kind: 'absent', problem: undefined, attempts: 0, due: true, known } }
    }
  }
}
