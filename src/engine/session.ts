import { answerIntent } from '../core/answer-intent.js'
import { specOf } from '../core/desired.js'
import type { Intent } from '../core/intent.js'
import type { Outcome } from '../core/outcome.js'
import { outcome } from '../core/outcome.js'
import type { Diagnostic, Problem } from '../core/problem.js'
import type { Project } from '../core/project.js'
import { initialState } from '../core/reduce.js'
import { ok, type Result } from '../core/result.js'
import { settlesAt } from '../core/settle.js'
import type { Mode, State } from '../core/state.js'
import type { LiveAnswer } from '../core/why/live-verdict.js'
import { type PathReport, pathReport } from '../core/why/path-report.js'
import { type ServiceReason, serviceReason } from '../core/why/service-reason.js'
import type { Clock } from '../ports/clock.js'
import { awaitLive } from './await-live.js'
import { watchEarlyReadiness } from './early-readiness.js'
import { watchForwards } from './forwards.js'
import { watchGateway } from './gateway.js'
import { gcNowAndThen } from './gc-now-and-then.js'
import { createGuard } from './guard.js'
import { watchHosts } from './hosts-watch.js'
import { createLogFeed, type LogFeed } from './log-feed.js'
import { lookForUnmet } from './look-for-unmet.js'
import { type ClusterWatch, watchCluster } from './observe-cluster.js'
import { prepareSync } from './prepare-sync.js'
import { recordOverrides } from './record-overrides.js'
import { recordTimings } from './record-timings.js'
import { reportTimings } from './report-timings.js'
import { createEffectRunner } from './run-effects.js'
import type { SessionTools } from './session-tools.js'
import { createStore, type Store } from './store.js'
import { createTimers } from './timers.js'
import { type ProjectWatch, watchProject } from './watch-files.js'

/**
 * One run of the loop: events are reduced, the planner is asked what to do, effects do it and dispatch what came of it. Everything that a session
 * starts it owns, and `stop` ends it.
 */
export interface Session {
  getState(): State
  subscribe: Store['subscribe']
  /** Does what a person asks, or tells why it cannot. */
  act(intent: Intent): void
  /** Takes away what the manifests no longer have, of these keys. */
  prune(keys: readonly string[]): void
  /** Looks at the files as they are now, and resolves when they are what runs or cannot come to; undefined where the signal is aborted before. */
  untilLive(services: readonly string[], signal: AbortSignal): Promise<LiveAnswer | undefined>
  /** What started the last save of a service; undefined for one that the session has not. */
  why(service: string): ServiceReason | undefined
  /** What a change of a file starts; the path is absolute. */
  whyNot(path: string): PathReport
  /** Resolves when a session of mode `once` is at its end, or when `stop` was called. */
  readonly ended: Promise<Outcome>
  /** Ends everything that runs and resolves when nothing does. Workloads stay. Idempotent. */
  stop(): Promise<void>
}

export interface SessionOptions {
  readonly project: Project
  readonly mode: Mode
  readonly tools: SessionTools
  /** Reads the config again; called when its file changed. */
  readonly reloadConfig: () => Promise<
    Result<{ readonly project: Project; readonly warnings: readonly Diagnostic[] }>
  >
}

/** Starts a session. Fails, with nothing left running, only where the project's files cannot be watched. */
export async function startSession({
  project,
  mode,
  tools: given,
  reloadConfig,
}: SessionOptions): Promise<Result<Session>> {
  const initial = initialState(project, mode)
  const timings = given.timings && recordTimings(given.timings, { initial, tell: given.tell })
  const tools: SessionTools = {
    ...given,
    tell: announcement => {
      timings?.note(announcement)
      given.tell(announcement)
    },
  }
  const { deploy, clock, tell, tree, watcher } = tools
  const store = createStore({ initial, now: () => clock.now(), tell })
  if (tools.sync !== undefined && tools.sync.memory.earlier.length > 0)
    store.dispatch({ type: 'earlier-syncs-read', containers: tools.sync.memory.earlier })
  const overrides =
    given.overrides === undefined ? undefined : recordOverrides(store, { file: given.overrides, tell })
  const runner = createEffectRunner(store, tools)
  const reports =
    given.timings === undefined
      ? undefined
      : reportTimings(store, { timings: given.timings, filesOf: runner.filesOf })
  const timers = createTimers(store, clock)
  const cluster: ClusterWatch | undefined =
    deploy === undefined ? undefined : watchCluster(store, deploy.access.observer)
  const logs: LogFeed | undefined =
    deploy === undefined ? undefined : createLogFeed(store, deploy.access.logs, tell)
  const hosts =
    deploy === undefined || tools.hosts === undefined
      ? undefined
      : watchHosts(store, {
          hosts: tools.hosts,
          deploy,
          follow: watcher !== undefined,
          live: () => gateway?.live() ?? [],
          tell,
        })
  const gateway =
    deploy === undefined || tools.gateway === undefined
      ? undefined
      : watchGateway(store, {
          ...tools.gateway,
          cluster: deploy.access.cluster,
          observer: deploy.access.observer,
          clock,
          tell,
          onLive: () => hosts?.refresh(),
        })
  const forwards =
    deploy === undefined || tools.forwards === undefined
      ? undefined
      : watchForwards(store, { ...tools.forwards, cluster: deploy.access.cluster, clock, tell })
  const guard = createGuard(store)
  const early =
    deploy?.access.podProbe === undefined
      ? undefined
      : watchEarlyReadiness(store, { probe: deploy.access.podProbe, clock, guard })
  const syncWays =
    tools.sync === undefined || mode.once ? undefined : prepareSync(store, { files: tools.sync.files, guard })
  const gc =
    deploy === undefined || tools.imageStore === undefined || mode.once
      ? undefined
      : gcNowAndThen({
          store,
          clock,
          tell,
          tools: {
            store: tools.imageStore,
            nodes: deploy.loader.nodeImages,
            cluster: deploy.access.cluster,
            journal: deploy.journal,
            images: tools.images,
          },
        })
  // A run that ends by itself does not wait for controllers.
  const unmet =
    deploy === undefined || mode.once
      ? undefined
      : lookForUnmet(store, { cluster: deploy.access.cluster, clock, tell })
  let files: ProjectWatch | undefined

  if (watcher !== undefined) {
    const watching = await watchProject({
      watcher,
      tree,
      store,
      now: () => clock.now(),
      onConfig: () => reload(store, reloadConfig),
    })
    if (!watching.ok) {
      await hosts?.stop({ finish: false })
      return watching
    }
    files = watching.value
  }

  let resolveEnded: (value: Outcome) => void = () => {}
  const ended = new Promise<Outcome>(resolve => {
    resolveEnded = resolve
  })

  let isAtEnd = false
  let cancelSettling: (() => void) | undefined
  /** Success is looked at again once what was rolled out without a probe has gone on for a while. */
  const endOrSettle = (result: Outcome): void => {
    cancelSettling?.()
    cancelSettling = undefined
    if (result.kind === 'running') return
    const wait = result.kind === 'succeeded' ? (settlesAt(store.getState()) ?? 0) - clock.now() : 0
    if (wait > 0) cancelSettling = clock.after(wait, schedule)
    else {
      isAtEnd = true
      resolveEnded(result)
    }
  }

  let isScheduled = false
  let isStopped = false
  let roundTook = 0
  // Planned once for all events of a turn: an effect that ends at once starts no second round of the same plan. Where a round takes its time, as in a large project that
  // comes up, the answers that came in meanwhile are read first: one round for all of them.
  const schedule = (): void => {
    if (isScheduled || isStopped) return
    isScheduled = true
    const soon = roundTook < LONG_ROUND ? queueMicrotask : setImmediate
    soon(() => {
      isScheduled = false
      if (isStopped) return
      const began = clock.now()
      guard('plan', () => runner.advance())
      guard('announce', () => store.announce())
      guard('timers', () => timers.refresh())
      guard('timings', () => timings?.look(store.getState()))
      guard('reports', () => reports?.refresh())
      guard('overrides', () => overrides?.refresh())
      guard('gc', () => gc?.refresh())
      guard('observe', () => cluster?.refresh())
      guard('logs', () => logs?.refresh())
      guard('unmet', () => unmet?.refresh())
      guard('hosts', () => hosts?.refresh())
      guard('gateway', () => gateway?.refresh())
      guard('forwards', () => forwards?.refresh())
      guard('early readiness', () => early?.refresh())
      guard('sync', () => syncWays?.refresh())
      guard('watch', () => files?.refresh())
      if (mode.once) endOrSettle(outcome(store.getState()))
      roundTook = clock.now() - began
    })
  }
  const unsubscribe = store.subscribe(schedule)
  schedule()

  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      store.dispatch({ type: 'stop-requested' })
      isStopped = true
      unsubscribe()
      cancelSettling?.()
      timers.stop()
      cluster?.stop()
      unmet?.stop()
      early?.stop()
      // A run that ends by itself tells what it found out of names; a person who leaves is not held.
      const namesTold = hosts?.stop({ finish: isAtEnd })
      const ends = Promise.all([
        logs?.stop(),
        files?.close(),
        runner.stop(),
        gateway?.stop(),
        forwards?.stop(),
        namesTold,
        timings?.stop(),
        overrides?.stop(),
        gc?.stop(),
      ])
      await within(STOP_PATIENCE, ends, clock)
      resolveEnded({ kind: 'running' })
    })()
    return stopping
  }
  const act = (intent: Intent): void => {
    const { accepted, message } = answerIntent(store.getState(), intent)
    if (accepted) store.dispatch({ type: 'intent-given', intent })
    else tell({ type: 'notice', service: intent.service, message })
  }
  const untilLive: Session['untilLive'] = async (services, signal) => {
    await files?.recheck(signal)
    return awaitLive({ store, clock }, services, signal)
  }
  const why: Session['why'] = service => {
    const state = store.getState()
    const spec = specOf(state, service)
    if (spec === undefined) return undefined
    const judge = (path: string) => tree.verdict(spec, path)
    const batches = files?.batches() ?? []
    return serviceReason({ state, service, batches, judge, context: spec.context })
  }
  const whyNot: Session['whyNot'] = path => {
    const { project, render, services, mode } = store.getState()
    return pathReport({
      project,
      path,
      inputs: mode.deploy ? render.inputs : undefined,
      judge: tree.verdict,
      running: Object.keys(services),
      paused: Object.values(services).flatMap(({ name, steering }) =>
        steering.paused === undefined ? [] : name,
      ),
    })
  }
  return ok({
    act,
    prune: keys => store.dispatch({ type: 'prune-confirmed', keys }),
    untilLive,
    why,
    whyNot,
    getState: store.getState,
    subscribe: store.subscribe,
    ended,
    stop,
  })
}

/** Milliseconds of a round from which on several events are worth one together. */
const LONG_ROUND = 2

/** Milliseconds that a stop waits for what was aborted. An engine or server that hangs has no hold on the person who wants to leave. */
const STOP_PATIENCE = 2500

function within(milliseconds: number, work: Promise<unknown>, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(milliseconds, resolve)
    work.then(() => resolve(), reject).finally(cancel)
  })
}

async function reload(store: Store, reloadConfig: SessionOptions['reloadConfig']): Promise<void> {
  const loaded = await reloadConfig()
  if (!loaded.ok) {
    store.dispatch({ type: 'config-rejected', problem: loaded.error })
    return
  }
  const { project, warnings } = loaded.value
  const before = store.getState().project
  if (JSON.stringify(project) === JSON.stringify(before) && store.getState().configProblem === undefined)
    return
  const fixed = fixedChange(before, project)
  store.dispatch(
    fixed === undefined
      ? { type: 'config-reloaded', project, warnings }
      : { type: 'config-rejected', problem: fixed },
  )
}

/** What cannot change under a running session: the cluster and the name that its journal goes by. */
function fixedChange(before: Project, after: Project): Problem | undefined {
  const changed = (['name', 'cluster'] as const).filter(
    key => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  )
  if (changed.length === 0) return undefined
  return {
    kind: 'config-invalid',
    file: after.configFile,
    diagnostics: [
      {
        severity: 'error',
        message: `${changed.join(' and ')} changed; a running up keeps the old one`,
        suggestion: 'press Ctrl-C, run devloop down if you leave the old cluster, and start devloop up again',
      },
    ],
  }
}
