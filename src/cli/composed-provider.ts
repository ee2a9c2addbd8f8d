import type { ClusterProvider } from '../ports/cluster-provider.js'
import type { PodExec } from '../ports/pod-exec.js'
import type { OwnerLock } from '../ports/state-store.js'
import type { Adapters } from './compose.js'

export interface ComposedProvider {
  readonly provider: ClusterProvider
  /** Of a cluster that is this process: runs commands as its containers run. */
  readonly exec?: PodExec
  /** With the engine that builds for this cluster: for minikube's Docker runtime its own, else the one of the environment. */
  readonly adapters: Adapters
}

/** What the owner of a project gives to a cluster that is its own process. */
export interface ProviderOwner {
  /** The folder of the config. */
  readonly root: string
  readonly registerChild: OwnerLock['registerChild']
}
