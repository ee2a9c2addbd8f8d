import { join } from 'node:path'
import { createEngineClient } from '../adapters/docker/engine-client.js'
import { createInPlaceFiles } from '../adapters/embedded/in-place-files.js'
import { createKubeHttp } from '../adapters/kubernetes/http-client.js'
import { kubeconfigFiles } from '../adapters/kubernetes/kubeconfig.js'
import { createPodExec } from '../adapters/kubernetes/pod-exec.js'
import { createContainerFiles } from '../adapters/sync/container-files.js'
import { createImagePrograms } from '../adapters/sync/image-programs.js'
import { openSyncMemory } from '../adapters/sync/sync-memory.js'
import type { SessionTools } from '../engine/session-tools.js'
import type { ClusterProvider } from '../ports/cluster-provider.js'
import type { PodExec } from '../ports/pod-exec.js'
import type { Adapters } from './compose.js'
import type { CommandIo } from './io.js'

/** What puts files into running containers; `adapters` has the engine in which images are built. Nothing is connected before it is used. */
export async function composeSync(
  { env, home, platform }: CommandIo,
  { runner, engine }: Pick<Adapters, 'runner' | 'engine'>,
  options: {
    readonly provider: Pick<ClusterProvider, 'kind' | 'contextName'>
    readonly stateFolder: string
    /** Of a cluster that is this process, whose files are where they are written. */
    readonly exec?: PodExec
    readonly onNotice: (message: string) => void
  },
): Promise<
  Required<Pick<SessionTools, 'sync'>> &
    Pick<SessionTools, 'programs'> & { readonly exec: PodExec; close(): Promise<void> }
> {
  const { provider, stateFolder, onNotice } = options
  const memory = await openSyncMemory(join(stateFolder, 'synced'))
  if (options.exec !== undefined) {
    const { exec } = options
    return { exec, sync: { files: createInPlaceFiles(exec), memory }, close: async () => {} }
  }
  const http = createKubeHttp({ context: provider.contextName, files: kubeconfigFiles(env, home), runner })
  // Of minikube, images may be built in the engine within its node: the node itself is a container of the engine outside.
  const outside = createEngineClient({ env, home, platform })
  const isOnEngine = provider.kind === 'kind' || provider.kind === 'k3d' || provider.kind === 'minikube'
  const exec = createPodExec({ http })
  const files = createContainerFiles({
    exec,
    ...(isOnEngine ? { nodes: () => dockerOf(outside) } : {}),
    onNotice,
  })
  return {
    exec,
    programs: createImagePrograms(() => dockerOf(engine)),
    sync: { files, memory },
    close: async () => {
      await files.close()
      http.close()
    },
  }
}

async function dockerOf(engine: Adapters['engine']) {
  const client = await engine.docker()
  if (!client.ok) throw new Error(client.error.message)
  return client.value
}
