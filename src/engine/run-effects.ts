import type { ContextFile } from '../core/build-input.js'
import { onNodes, specOf } from '../core/desired.js'
import type { Effect } from '../core/effect.js'
import { failedEvent, startedEvent, supersededEvent } from '../core/effect-events.js'
import type { Event } from '../core/event.js'
import { displayRef, type ObjectRef, refOf } from '../core/kube-object.js'
import type { LinkedManifests } from '../core/manifest/link.js'
import { providedStorageClasses } from '../core/manifest/storage-classes.js'
import { plan } from '../core/plan.js'
import { cancelled, type Problem } from '../core/problem.js'
import { SLOW_APPLY } from '../core/retry.js'
import { apply } from './effects/apply.js'
import { build } from './effects/build.js'
import { checkEndpoint } from './effects/check-endpoint.js'
import { clearHook } from './effects/clear-hook.js'
import { connect } from './effects/connect.js'
import { lookForDropped } from './effects/find-dropped.js'
import { hook } from './effects/hook.js'
import { load } from './effects/load.js'
import { prune } from './effects/prune.js'
import { render } from './effects/render.js'
import { restart } from './effects/restart.js'
import { type HookInputs, type Snapshots, scan, type UntoldChanges } from './effects/scan.js'
import { stage } from './effects/stage.js'
import { sync } from './effects/sync.js'
import type { RenderHookMemory } from './hooks/render-hooks.js'
import { lintWithCluster } from './lint-cluster.js'
import { tellWhenSlow } from './ownership/slow-to-go.js'
import type { DeployTools, SessionTools } from './session-tools.js'
import type { Store } from './store.js'

/** Does what the planner asks, and ends it. */
export interface EffectRunner {
  /** Plans once, and starts and cancels accordingly. */
  advance(): void
  /** The files of a service's build context as they were read last. */
  readonly filesOf: (service: string) => readonly ContextFile[] | undefined
  /** Ends everything that runs; resolves when it has. */
  stop(): Promise<void>
}

/** Of a crashed container: as many as a stack trace of Node has, with the place and the line of source above it. */
const LAST_LINES = 20

export function createEffectRunner(store: Store, tools: SessionTools): EffectRunner {
  const running = new Map<number, { readonly abort: AbortController; readonly settled: Promise<void> }>()
  const snapshots: Snapshots = new Map()
  const untold: UntoldChanges = new Map()
  const hookInputs: HookInputs = new Map()
  const leftOut = new Map<string, ReadonlySet<string>>()
  const rendered: RenderHookMemory = new Map()

  /** The cluster that the manifests were looked through with: once is enough to be told. */
  let linted: string | undefined
  const lintOnce = (uid: string) => (linked: LinkedManifests) => {
    linted = uid
    const { services } = store.getState().project
    return lintWithCluster(deployTools(tools).access.cluster, {
      objects: linked.objects,
      services,
      locateField: tools.locateField,
    })
  }

  const start = (effect: Effect): void => {
    store.dispatch(startedEvent(effect, store.getState().save))
    const abort = new AbortController()
    const settled = perform(effect, abort.signal)
      // The one seam where a defect of ours becomes something that a person sees.
      .catch(
        (error: unknown): Event => ({
          type: 'effect-crashed',
          run: effect.run,
          problem: bugOf(effect, error),
        }),
      )
      .then(event => {
        running.delete(effect.run)
        store.dispatch(event)
        if (event.type === 'effect-crashed') store.dispatch(failedEvent(effect, event.problem))
      })
    running.set(effect.run, { abort, settled })
  }

  const perform = async (effect: Effect, signal: AbortSignal): Promise<Event> => {
    const { dispatch, getState } = store
    switch (effect.type) {
      case 'scan': {
        const spec = specOf(getState(), effect.service)
        return spec === undefined
          ? failedEvent(effect, cancelled)
          : scan(effect, spec, { ...tools, snapshots, untold, hookInputs, signal })
      }
      case 'build': {
        const spec = specOf(getState(), effect.service)
        const reuse = getState().mode.build === 'reuse'
        // While it builds, its way to the nodes is made ready.
        if (getState().cluster.kind === 'connected')
          void tools.deploy?.loader.prepare?.(
            spec === undefined ? undefined : snapshots.get(spec.name)?.finalBase,
          )
        return spec === undefined
          ? failedEvent(effect, cancelled)
          : build(effect, spec, {
              ...tools,
              project: getState().project,
              snapshots,
              signal,
              reuse,
              dispatch,
            })
      }
      case 'hook': {
        const spec = specOf(getState(), effect.service)
        const { hooks, tell } = tools
        if (spec === undefined || hooks === undefined) return failedEvent(effect, cancelled)
        return hook(effect, spec, { hooks, project: getState().project, tell, signal })
      }
      case 'stage': {
        const { hooks, tell } = tools
        if (hooks === undefined)
          return { type: 'stage-finished', run: effect.run, stage: effect.stage, service: effect.service }
        return stage(effect, { hooks, getState, tell, signal })
      }
      case 'probe-engine': {
        const info = await tools.builder.info()
        return info.ok
          ? { type: 'engine-recovered', run: effect.run }
          : { type: 'engine-probe-failed', run: effect.run, problem: info.error }
      }
      case 'render': {
        const { project, cluster, mode } = getState()
        const known = cluster.kind === 'connected' ? cluster : cluster.known
        // Of some services alone, what the others make is missing by intent.
        const isWhole = cluster.kind === 'connected' && mode.only === undefined
        const lint = isWhole && linted !== cluster.uid ? lintOnce(cluster.uid) : undefined
        const { configHashKey } = tools
        return render(effect, tools.manifests, {
          project,
          cluster: known,
          only: mode.only,
          configHashKey,
          ...(lint === undefined ? {} : { lint }),
          ...(tools.hooks === undefined
            ? {}
            : {
                hooks: { ...tools.hooks, tell: tools.tell, inputs: getState().render.inputs, left: rendered },
              }),
          signal,
        })
      }
      case 'load':
        return load(effect, { ...tools, loader: deployTools(tools).loader, signal, dispatch })
      case 'connect':
        return connect(effect, { ...deployTools(tools), clock: tools.clock, signal, dispatch })
      case 'apply': {
        const object = getState().objects[effect.key]
        if (object === undefined) return failedEvent(effect, cancelled)
        const { access, journal } = deployTools(tools)
        const { locateField, clock, tell } = tools
        return apply(effect, object.linked, {
          tools: {
            cluster: access.cluster,
            journal,
            leftOut,
            onGoing: live =>
              tellWhenSlow(
                { cluster: access.cluster, clock, tell: message => tell({ type: 'notice', message }) },
                { ref: refOf(live), uid: live.metadata.uid ?? '' },
              ),
            onAsked: ref =>
              clock.after(SLOW_APPLY, () => tell({ type: 'notice', message: slowToAnswer(ref) })),
            ...(locateField === undefined ? {} : { locateField }),
          },
          onNodes: image => onNodes(getState(), image),
          storageClasses: () =>
            providedStorageClasses(Object.values(getState().objects).map(({ linked }) => linked.object)),
          signal,
        })
      }
      case 'check':
        return checkEndpoint(effect, deployTools(tools).access.probe, signal)
      case 'sync': {
        const spec = specOf(getState(), effect.service)
        if (spec === undefined || tools.sync === undefined) return failedEvent(effect, cancelled)
        const { files, memory } = tools.sync
        return sync(effect, spec, {
          ...tools,
          files,
          remember: ids => memory.add(ids),
          getState,
          snapshots,
          signal,
        })
      }
      case 'clear-hook': {
        const { access, journal } = deployTools(tools)
        return clearHook(effect, { cluster: access.cluster, journal, signal })
      }
      case 'find-dropped':
      case 'prune': {
        const { manifests } = getState().render
        if (manifests === undefined) return failedEvent(effect, cancelled)
        const { access, journal } = deployTools(tools)
        const { clock, isBusy } = tools
        return effect.type === 'prune'
          ? prune(effect, { cluster: access.cluster, journal, clock, manifests, signal })
          : lookForDropped(effect, { cluster: access.cluster, journal, manifests, isBusy, signal })
      }
      case 'restart': {
        const object = getState().objects[effect.key]
        if (object === undefined) return failedEvent(effect, cancelled)
        const { access, journal } = deployTools(tools)
        return restart(effect, object, {
          tools: { cluster: access.cluster, journal },
          now: tools.clock.now(),
          signal,
        })
      }
      case 'read-last-lines': {
        const { run, crash, previous } = effect
        const lines = await deployTools(tools).access.logs.tail(effect, { lines: LAST_LINES, previous })
        return { type: 'last-lines-read', run, crash, lines }
      }
    }
  }

  return {
    filesOf: service => snapshots.get(service)?.files,
    advance: () => {
      const { start: wanted, cancel } = plan(store.getState())
      for (const one of cancel) {
        store.dispatch(supersededEvent(one))
        running.get(one.run)?.abort.abort()
      }
      for (const effect of wanted) start(effect)
    },
    stop: async () => {
      const all = [...running.values()]
      for (const { abort } of all) abort.abort()
      await Promise.all(all.map(({ settled }) => settled))
    },
  }
}

function deployTools({ deploy }: SessionTools): DeployTools {
  if (deploy === undefined) throw new Error('a session that does not deploy planned a deployment')
  return deploy
}

const slowToAnswer = (ref: ObjectRef): string =>
  `${displayRef(ref)}: the API server took the request and has not answered for ${SLOW_APPLY / 1000} s. An admission webhook may be slow; a newer save does not wait for it`

function bugOf(effect: Effect, error: unknown): Problem {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined }
  return { kind: 'bug', where: effect.type, message, ...(stack === undefined ? {} : { stack }) }
}
