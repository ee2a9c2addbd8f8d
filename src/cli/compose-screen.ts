import { setFlagsFromString } from 'node:v8'
import { systemClock } from '../adapters/clock/system-clock.js'
import { createKubeHttp } from '../adapters/kubernetes/http-client.js'
import { kubeconfigFiles } from '../adapters/kubernetes/kubeconfig.js'
import { createPodExec } from '../adapters/kubernetes/pod-exec.js'
import { createLogStore } from '../adapters/logs/log-store.js'
import { watchBursts } from '../core/logs/watch-bursts.js'
import type { LogStore } from '../ports/log-store.js'
import type { PodExec } from '../ports/pod-exec.js'
import type { ProcessRunner } from '../ports/process-runner.js'
import type { CommandIo } from './io.js'

/** What the screen works with besides the session. */
export interface ScreenAdapters {
  readonly logs: LogStore
  readonly exec: PodExec
  close(): void
}

export function composeScreen(
  { env, home }: CommandIo,
  options: {
    readonly context: string
    readonly runner: ProcessRunner
    readonly logDirectory: string
    readonly onNotice: (message: string) => void
  },
): ScreenAdapters {
  const { context, runner, logDirectory, onNotice } = options
  const http = createKubeHttp({ context, files: kubeconfigFiles(env, home), runner })
  const logs = createLogStore({ directory: logDirectory, onNotice })
  // `--optimize-for-size`, which main.ts sets, collects garbage over and over where every line makes some.
  const unwatch = watchBursts(logs, systemClock, rate =>
    setFlagsFromString(rate === 'burst' ? '--no-optimize-for-size' : '--optimize-for-size'),
  )
  return {
    logs,
    exec: createPodExec({ http }),
    close: () => {
      unwatch()
      logs.close()
      http.close()
    },
  }
}
