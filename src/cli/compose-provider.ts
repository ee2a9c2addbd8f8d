import { join } from 'node:path'
import { createContextProvider } from '../adapters/context-provider/context-provider.js'
import { createK3dProvider } from '../adapters/k3d/k3d-provider.js'
import { createKindProvider } from '../adapters/kind/kind-provider.js'
import { isLocalEngine } from '../adapters/load/is-local-engine.js'
import { createNodeImageLoader } from '../adapters/load/node-image-loader.js'
import { createRegistryImageLoader } from '../adapters/load/registry-image-loader.js'
import { createSharedEngineLoader } from '../adapters/load/shared-engine-loader.js'
import { createMinikubeProvider } from '../adapters/minikube/minikube-provider.js'
import type { SelectedCluster } from '../core/select-cluster.js'
import type { ClusterProvider } from '../ports/cluster-provider.js'
import { type Adapters, compose } from './compose.js'
import type { ComposedProvider, ProviderOwner } from './composed-provider.js'
import type { CommandIo } from './io.js'

/** The provider of a cluster, with the loader that its nodes need. `stateFolder` keeps what loads learn. */
export async function composeProvider(
  cluster: SelectedCluster,
  io: CommandIo,
  stateFolder: string,
  owner?: ProviderOwner,
): Promise<ComposedProvider> {
  const adapters = compose(io)
  if (cluster.kind === 'process') {
    const { composeProcesses } = await import('./compose-processes.js')
    return composeProcesses(cluster, { io, adapters, stateFolder, owner })
  }
  if (cluster.kind !== 'minikube')
    return { provider: await otherProvider(cluster, adapters, stateFolder), adapters }
  const engineEnv = await minikube(cluster.profile, adapters, io).engineEnv()
  // A cluster that is not there yet has no engine to build with; its images are then loaded as into any other.
  const inside = engineEnv.ok ? compose({ ...io, env: { ...io.env, ...engineEnv.value } }) : adapters
  return { provider: minikube(cluster.profile, inside, io), adapters: inside }
}

function minikube(profile: string, { runner, builder }: Adapters, { platform }: CommandIo) {
  return createMinikubeProvider({
    profile,
    runner,
    platform,
    images: builder,
    createEngineLoader: () => createSharedEngineLoader(builder),
  })
}

async function otherProvider(
  cluster: Exclude<SelectedCluster, { kind: 'minikube' | 'process' }>,
  { runner, engine, builder }: Adapters,
  stateFolder: string,
): Promise<ClusterProvider> {
  const docker = async () => {
    const client = await engine.docker()
    if (!client.ok) throw new Error(client.error.message)
    return client.value
  }
  const endpoint = await engine.endpoint()
  const localEngine = endpoint.ok && isLocalEngine(endpoint.value)
  const loads = join(stateFolder, 'loads')
  switch (cluster.kind) {
    case 'kind':
    case 'k3d': {
      const create = cluster.kind === 'kind' ? createKindProvider : createK3dProvider
      const { name, image, config } = cluster
      return create({
        name,
        image,
        config,
        docker,
        runner,
        createLoader: needs =>
          createNodeImageLoader({ ...needs, images: docker, stateFolder: loads, localEngine }),
      })
    }
    case 'docker-desktop':
      return createContextProvider({
        contextName: cluster.context,
        kind: 'docker-desktop',
        createLoader: () => createSharedEngineLoader(builder),
      })
    case 'context':
      return createContextProvider({
        contextName: cluster.context,
        kind: 'context',
        createLoader: () =>
          createRegistryImageLoader({ context: cluster.context, registry: cluster.registry, runner }),
      })
  }
}
