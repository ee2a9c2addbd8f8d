import type { Cluster, ClusterObserver } from './cluster.js'
import type { EndpointProbe } from './endpoint-probe.js'
import type { PodForward } from './pod-forward.js'
import type { PodLogs } from './pod-logs.js'
import type { PodProbe } from './pod-probe.js'

/** All ways into one cluster, by the name of its kubeconfig context. */
export interface ClusterAccess {
  readonly cluster: Cluster
  readonly observer: ClusterObserver
  readonly logs: PodLogs
  readonly forward: PodForward
  readonly probe: EndpointProbe
  /** Absent where a pod is seen to be ready at the moment when it is. */
  readonly podProbe?: PodProbe
  /** Frees connections; of a cluster that is this process, ends what runs in it. */
  close(): void | Promise<void>
}
