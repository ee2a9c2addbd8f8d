import type { SelectedCluster } from '../../core/select-cluster.js'
import { selectCluster } from '../../core/select-cluster.js'
import type { ProjectMeta } from '../../ports/state-store.js'

/** The cluster that a journal is about, known by its context alone: the config may say something else by now. */
export function clusterOfMeta({ context }: ProjectMeta): SelectedCluster {
  const local = selectCluster({ kind: 'context', name: context, allow: false, registry: undefined }, [])
  return local.ok ? local.value : { kind: 'context', context, registry: undefined }
}
