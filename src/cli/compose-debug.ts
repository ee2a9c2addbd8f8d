import { createKubeHttp } from '../adapters/kubernetes/http-client.js'
import { kubeconfigFiles } from '../adapters/kubernetes/kubeconfig.js'
import { createPodExec } from '../adapters/kubernetes/pod-exec.js'
import { createPodForward } from '../adapters/kubernetes/pod-forward.js'
import type { PodExec } from '../ports/pod-exec.js'
import type { PodForward } from '../ports/pod-forward.js'
import type { ProcessRunner } from '../ports/process-runner.js'
import type { CommandIo } from './io.js'

/** The ways into pods that a debugger needs. */
export function composeDebug(
  { env, home }: CommandIo,
  { context, runner }: { readonly context: string; readonly runner: ProcessRunner },
): { readonly exec: PodExec; readonly forward: PodForward; close(): void } {
  const http = createKubeHttp({ context, files: kubeconfigFiles(env, home), runner })
  return { exec: createPodExec({ http }), forward: createPodForward({ http }), close: () => http.close() }
}
