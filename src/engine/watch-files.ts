import { extname, sep } from 'node:path'
import type { Problem } from '../core/problem.js'
import type { Result } from '../core/result.js'
import { ok } from '../core/result.js'
import type { ChangeBatch, FileWatch, FileWatcher, WatchRoot } from '../ports/file-watcher.js'
import type { SourceTree } from '../ports/source-tree.js'
import type { Store } from './store.js'

interface WatchTools {
  readonly watcher: FileWatcher
  readonly tree: SourceTree
  readonly store: Store
  /** Called when the config file may have changed. */
  readonly onConfig: () => void
}

/** Watches all that a project is made of, and turns what changes into events. */
export interface ProjectWatch {
  /** Takes up files that the last readings brought to light. */
  refresh(): Promise<void>
  close(): Promise<void>
}

export async function watchProject({
  watcher,
  tree,
  store,
  onConfig,
}: WatchTools): Promise<Result<ProjectWatch>> {
  let watch: FileWatch | undefined
  let watched = ''

  const onProblem = (problem: Problem): void => store.dispatch({ type: 'watch-changed', problem })
  const onBatch = (batch: ChangeBatch): void => {
    const { project } = store.getState()
    if (batch.paths.includes(project.configFile)) onConfig()
    const event = concerns(batch, store, tree)
    if (event !== undefined) store.dispatch(event)
  }

  const wanted = (): readonly WatchRoot[] => {
    const { project, render } = store.getState()
    const roots = project.services.flatMap(service => tree.watchRoots(service))
    const isNoise = (path: string) => /[\\/](\.git|node_modules)([\\/]|$)/.test(path)
    const { files, folders, trees } = render.inputs
    const manifests = [...folders, ...trees, ...files].map(path => ({ path, ignored: isNoise }))
    return [...roots, ...manifests, { path: project.configFile, ignored: () => false }]
  }
  const identity = (roots: readonly WatchRoot[]) =>
    JSON.stringify(roots.map(({ path, rules }) => [path, rules]))

  const roots = wanted()
  const started = await watcher.watch(roots, { onBatch, onProblem })
  if (!started.ok) return started
  watch = started.value
  watched = identity(roots)

  return ok({
    refresh: async () => {
      const next = wanted()
      if (watch === undefined || identity(next) === watched) return
      watched = identity(next)
      const updated = await watch.update(next)
      if (!updated.ok) onProblem(updated.error)
      else if (store.getState().watchProblem !== undefined) store.dispatch({ type: 'watch-changed' })
    },
    close: async () => {
      const closing = watch
      watch = undefined
      await closing?.close()
    },
  })
}

const MANIFEST_EXTENSIONS: readonly string[] = ['.yaml', '.yml', '.json']

/** The services and manifests that changed paths may concern; undefined where they concern nothing. */
function concerns({ paths, firstAt }: ChangeBatch, store: Store, tree: SourceTree) {
  const { project, render, mode } = store.getState()
  const services: Record<string, string[]> = {}
  for (const service of project.services) {
    const inputs = paths.filter(path => tree.verdict(service, path).input)
    if (inputs.length > 0) services[service.name] = inputs
  }
  const { files, folders, trees } = render.inputs
  const isBelow = (path: string, tops: readonly string[]): boolean =>
    tops.some(top => path.startsWith(`${top}${sep}`))
  const isManifest = (path: string): boolean =>
    files.includes(path) ||
    trees.includes(path) ||
    isBelow(path, trees) ||
    (MANIFEST_EXTENSIONS.includes(extname(path)) && isBelow(path, folders)) ||
    // A folder that came or went may have had manifests in it.
    (extname(path) === '' && (folders.includes(path) || isBelow(path, folders)))
  const manifests = mode.deploy ? paths.filter(isManifest) : []
  if (Object.keys(services).length === 0 && manifests.length === 0) return undefined
  return { type: 'files-changed' as const, firstAt, services, manifests }
}
