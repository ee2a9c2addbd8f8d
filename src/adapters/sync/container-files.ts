import type Docker from 'dockerode'
import type { ContainerFiles } from '../../ports/file-sync.js'
import type { PodExec } from '../../ports/pod-exec.js'
import { createExecFiles } from './exec-files.js'
import { createNodeFiles } from './node-files.js'

export interface ContainerFilesOptions {
  readonly exec: PodExec
  /** The engine whose containers the cluster's nodes are; absent where they are none. */
  readonly nodes?: () => Promise<Docker>
  /** Told once of each reason for which the way through the nodes is not taken. */
  readonly onNotice: (message: string) => void
}

/** Through the node where it is a container of a local engine and runs containerd; elsewhere by a program in the container. */
export function createContainerFiles({ exec, nodes, onNotice }: ContainerFilesOptions): ContainerFiles {
  const byExec = createExecFiles(exec)
  const byNode = nodes === undefined ? undefined : createNodeFiles(nodes)
  const told = new Set<string>()
  const tell = (why: string): void => {
    if (told.has(why)) return
    told.add(why)
    onNotice(`files are written by a program in the container, not through its node: ${why}`)
  }
  return {
    prepare: async node => byNode?.prepare(node),
    async write(target, changes, signal) {
      const written = await byNode?.write(target, changes, signal)
      if (written !== undefined && !('noWay' in written)) return written
      if (written !== undefined) tell(written.noWay)
      return byExec.write(target, changes, signal)
    },
    async restart(target, options) {
      const restarted = await byNode?.restart(target, options)
      if (restarted !== undefined && !('noWay' in restarted)) return restarted
      if (restarted !== undefined) tell(restarted.noWay)
      return byExec.restart(target, options)
    },
    run: byExec.run,
    close: async () => byNode?.close(),
  }
}
