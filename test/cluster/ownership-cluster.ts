import { homedir } from 'node:os'
import { createCluster } from '../../src/adapters/kubernetes/client.js'
import { createKubeHttp } from '../../src/adapters/kubernetes/http-client.js'
import { kubeconfigFiles } from '../../src/adapters/kubernetes/kubeconfig.js'
import { createProcessRunner } from '../../src/adapters/process/process-runner.js'
import type { Cluster } from '../../src/ports/cluster.js'

/** The real client on a context of the kubeconfig. */
export async function openTestCluster(
  context: string,
): Promise<{ readonly cluster: Cluster; close(): Promise<void> }> {
  const files = kubeconfigFiles(process.env, homedir())
  const cluster = createCluster(createKubeHttp({ context, files, runner: createProcessRunner() }))
  return { cluster, close: async () => cluster.close() }
}
