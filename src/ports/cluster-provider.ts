import type { HostAddress } from '../core/hosts/host-address.js'
import type { Result } from '../core/result.js'
import type { ImageLoader } from './image-loader.js'

/** What makes and holds a cluster: kind, minikube, k3d, this process itself, or nothing of ours for an allowed context. */
export interface ClusterProvider {
  readonly kind: 'kind' | 'minikube' | 'k3d' | 'docker-desktop' | 'process' | 'context'
  /** The name of the kubeconfig context. */
  readonly contextName: string
  /** Whether the cluster is there (running or stopped). */
  exists(): Promise<Result<boolean>>
  /** Whether the context leads where its name says: the nodes are this machine's own. `cluster-refused` where not. */
  verify(server: string): Promise<Result<void>>
  /** Makes the cluster; `onOutput` gets its progress. */
  create(options: {
    readonly signal: AbortSignal
    readonly onOutput: (line: string) => void
  }): Promise<Result<void>>
  delete(options: { readonly onOutput: (line: string) => void }): Promise<Result<void>>
  /** The address that the names which the cluster routes must have on this machine. Never fails: what cannot be known says why. */
  hostAddress(): Promise<HostAddress>
  /** The loader for this cluster's nodes. */
  loader(): ImageLoader
}
