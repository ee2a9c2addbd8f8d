import type { State } from '../core/state.js'
import { runningContainers } from '../core/sync/sync-targets.js'
import type { ContainerFiles } from '../ports/file-sync.js'
import type { Guard } from './guard.js'
import type { Store } from './store.js'

/** Has the way to each node with containers of a service that has sync rules made ready before its first save. */
export function prepareSync(
  store: Store,
  { files, guard }: { readonly files: ContainerFiles; readonly guard: Guard },
): { refresh(): void } {
  const prepared = new Set<string>()
  let seen: (Pick<State, 'project'> & { readonly pods: State['observed']['pods'] }) | undefined
  return {
    refresh: () => {
      const state = store.getState()
      const { project } = state
      const { pods } = state.observed
      if (files.prepare === undefined || (pods === seen?.pods && project === seen.project)) return
      seen = { project, pods }
      const nodes = new Set(Object.values(pods).flatMap(({ nodeName }) => nodeName ?? []))
      if ([...nodes].every(node => prepared.has(node))) return
      for (const { name, sync = [] } of project.services) {
        if (sync.length === 0) continue
        for (const { node } of runningContainers(state, name)) {
          if (node === undefined || prepared.has(node)) continue
          prepared.add(node)
          guard('sync', async () => files.prepare?.(node))
        }
      }
    },
  }
}
