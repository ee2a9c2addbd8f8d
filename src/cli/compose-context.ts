import { kubeconfigFiles, readKubeconfig } from '../adapters/kubernetes/kubeconfig.js'
import type { CommandIo } from './io.js'

/** The current context of the kubeconfig; undefined where there is none, or no file that can be read, which is told when a cluster is needed. */
export async function currentContext({ env, home }: CommandIo): Promise<string | undefined> {
  const config = await readKubeconfig(kubeconfigFiles(env, home))
  return config.ok ? config.value.currentContext : undefined
}
