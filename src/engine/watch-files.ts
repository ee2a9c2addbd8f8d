import { matchesAny } from '../core/hooks/path-pattern.js'
import type { RenderInputs } from '../core/manifest/render-inputs.js'
import type { Problem } from '../core/problem.js'
import type { Result } from '../core/result.js'
import { ok } from '../core/result.js'
import { manifestInput } from '../core/why/manifest-input.js'
import type { NotedBatch } from '../core/why/service-reason.js'
import type { ChangeBatch, FileWatch, FileWatcher, WatchRoot } from '../ports/file-watcher.js'
import type { SourceTree } from '../ports/source-tree.js'
import type { Store } from './store.js'
import { concernsConfig, configRoots } from './watch-config.js'

/** What is remembered of changes, so that somebody who asks can be told why they started something or not. */
const NOTED_BATCHES = 50
const NOTED_PATHS = 100

interface WatchTools {
  readonly watcher: FileWatcher
  readonly tree: SourceTree
  readonly store: Store
  readonly now: () => number
  /** Called when the config file may have changed; resolves when it was read again. */
  readonly onConfig: () => Promise<void>
}

/** Watches all that a project is made of, and turns what changes into events. */
export interface ProjectWatch {
  /** Takes up files that the last readings brought to light. */
  refresh(): Promise<void>
  /**
   * Has everything read again that may differ from what was read last, whether or not the watcher told of it: what was saved before the call is in the
   * state, as read or as to be read, when this resolves. A service that is paused is left alone.
   */
  recheck(signal: AbortSignal): Promise<void>
  /** What the watcher told of lately, oldest first. */
  readonly batches: () => readonly NotedBatch[]
  close(): Promise<void>
}

export async function watchProject({
  watcher,
  tree,
  store,
  now,
  onConfig,
}: WatchTools): Promise<Result<ProjectWatch>> {
  let watch: FileWatch | undefined
  let watched = ''
  let batches: readonly NotedBatch[] = []
  /** Inputs of the manifests that the watch has taken up. */
  let looked: RenderInputs | undefined
  let render: { readonly run: number; readonly at: number } | undefined

  const onProblem = (problem: Problem): void => store.dispatch({ type: 'watch-changed', problem })
  const onBatch = (batch: ChangeBatch): void => {
    const noted = { firstAt: batch.firstAt, paths: batch.paths.slice(0, NOTED_PATHS) }
    batches = [...batches, noted].slice(-NOTED_BATCHES)
    if (concernsConfig(batch, store.getState())) void onConfig()
    const event = concerns(batch, store, tree)
    if (event !== undefined) store.dispatch(event)
  }

  const wanted = (): readonly WatchRoot[] => {
    const { project, render } = store.getState()
    const roots = project.services.flatMap(service => tree.watchRoots(service))
    const isNoise = (path: string) => /[\\/](\.git|node_modules)([\\/]|$)/.test(path)
    const { files, folders, trees } = render.inputs
    const manifests = [...folders, ...trees, ...files].map(path => ({ path, ignored: isNoise }))
    const hooks = (project.hooks?.beforeRender ?? [])
      .flatMap(({ inputs = [] }) => inputs)
      .map(({ base }) => ({ path: base, ignored: isNoise }))
    return [...roots, ...manifests, ...hooks, ...configRoots(store.getState())]
  }
  const identity = (roots: readonly WatchRoot[]) =>
    JSON.stringify(roots.map(({ path, rules }) => [path, rules]))

  const noteRender = (): void => {
    const { run } = store.getState().render
    if (run !== undefined && run !== render?.run) render = { run, at: now() }
  }
  const manifestsTouched = async (): Promise<boolean> => {
    const { files, folders, trees } = store.getState().render.inputs
    const since = render?.at
    return since === undefined || watcher.touchedSince({ files, folders: [...folders, ...trees] }, since)
  }

  const roots = wanted()
  const started = await watcher.watch(roots, { onBatch, onProblem })
  if (!started.ok) return started
  watch = started.value
  watched = identity(roots)

  return ok({
    batches: () => batches,
    refresh: async () => {
      noteRender()
      const next = wanted()
      if (watch === undefined || identity(next) === watched) return
      watched = identity(next)
      const { inputs } = store.getState().render
      const updated = await watch.update(next)
      if (!updated.ok) return onProblem(updated.error)
      if (store.getState().watchProblem !== undefined) store.dispatch({ type: 'watch-changed' })
      // Nobody told of what was saved between the reading that named these files and the watch on them.
      if (inputs === looked) return
      looked = inputs
      if (store.getState().mode.deploy && (await manifestsTouched()))
        store.dispatch({
          type: 'files-changed',
          firstAt: now(),
          services: {},
          manifests: [store.getState().project.configFile],
        })
    },
    recheck: async signal => {
      await onConfig()
      const readManifests = store.getState().mode.deploy && (await manifestsTouched())
      const { project, services } = store.getState()
      const differing = await Promise.all(
        project.services.map(async spec => {
          const service = services[spec.name]
          if (service === undefined || service.steering.paused !== undefined) return []
          const differs = await tree.differs(spec, signal)
          return differs ? [[spec.name, tree.watchRoots(spec).map(({ path }) => path)] as const] : []
        }),
      )
      const paths = Object.fromEntries(differing.flat())
      const manifests = readManifests ? [project.configFile] : []
      if (Object.keys(paths).length === 0 && manifests.length === 0) return
      store.dispatch({ type: 'files-changed', firstAt: now(), services: paths, manifests })
    },
    close: async () => {
      const closing = watch
      watch = undefined
      await closing?.close()
    },
  })
}

/** The services and manifests that changed paths may concern; undefined where they concern nothing. */
function concerns({ paths, firstAt }: ChangeBatch, store: Store, tree: SourceTree) {
  const { project, render, mode } = store.getState()
  const services: Record<string, string[]> = {}
  for (const service of project.services) {
    const inputs = paths.filter(path => tree.verdict(service, path).input)
    if (inputs.length > 0) services[service.name] = inputs
  }
  const hooks = (project.hooks?.beforeRender ?? []).flatMap(({ inputs = [] }) => inputs)
  const manifests = mode.deploy
    ? paths.filter(path => manifestInput(path, render.inputs) !== undefined || matchesAny(hooks, path))
    : []
  if (Object.keys(services).length === 0 && manifests.length === 0) return undefined
  return { type: 'files-changed' as const, firstAt, services, manifests }
}
