import { systemClock } from '../adapters/clock/system-clock.js'
import { socketChannel } from '../adapters/control/socket-channel.js'
import { createEngineClient } from '../adapters/docker/engine-client.js'
import { createImageBuilder } from '../adapters/docker/image-builder.js'
import { createImageStore } from '../adapters/docker/image-store.js'
import { createRemoteAccess } from '../adapters/embedded/remote-access.js'
import { createLocalForwards } from '../adapters/forward/local-forwards.js'
import { createPodProbe } from '../adapters/forward/pod-probe.js'
import { createGateway } from '../adapters/gateway/gateway-server.js'
import { createCluster } from '../adapters/kubernetes/client.js'
import { createEndpointProbe } from '../adapters/kubernetes/endpoint-probe.js'
import { createKubeHttp } from '../adapters/kubernetes/http-client.js'
import { kubeconfigFiles, listContexts, readKubeconfig } from '../adapters/kubernetes/kubeconfig.js'
import { createObserver } from '../adapters/kubernetes/observer.js'
import { createPodForward } from '../adapters/kubernetes/pod-forward.js'
import { createPodLogs } from '../adapters/kubernetes/pod-logs.js'
import { createProcessRunner } from '../adapters/process/process-runner.js'
import { locateField } from '../adapters/render/field-locator.js'
import { createManifestSource } from '../adapters/render/manifest-source.js'
import { contextFolder } from '../adapters/source/context-folder.js'
import { contextTar } from '../adapters/source/context-tar.js'
import { createSourceTree } from '../adapters/source/source-tree.js'
import { openStateStore, stateHome } from '../adapters/state/state-directory.js'
import { createRequestStream } from '../adapters/verify/request-stream.js'
import { createFileWatcher } from '../adapters/watch/chokidar-watcher.js'
import { gitFolderOf, gitIsBusy } from '../adapters/watch/git-activity.js'
import { err, ok, type Result } from '../core/result.js'
import type { KubeContext } from '../core/select-cluster.js'
import type { Clock } from '../ports/clock.js'
import type { ClusterAccess } from '../ports/cluster-access.js'
import type { ControlChannel } from '../ports/control-channel.js'
import type { FieldLocator } from '../ports/field-locator.js'
import type { FileWatcher } from '../ports/file-watcher.js'
import type { Gateway } from '../ports/gateway.js'
import type { ImageBuilder } from '../ports/image-builder.js'
import type { ImageStore } from '../ports/image-store.js'
import type { LocalForwards } from '../ports/local-forwards.js'
import type { ManifestSource } from '../ports/manifest-source.js'
import type { ProcessRunner } from '../ports/process-runner.js'
import type { RequestStream } from '../ports/request-stream.js'
import type { SourceTree } from '../ports/source-tree.js'
import type { StateStore } from '../ports/state-store.js'
import type { CommandIo } from './io.js'

/** The real adapters. Nothing is connected or read before it is used. */
export interface Adapters {
  readonly clock: Clock
  readonly control: ControlChannel
  readonly runner: ProcessRunner
  readonly states: StateStore
  readonly builder: ImageBuilder
  readonly imageStore: ImageStore
  readonly tree: SourceTree
  readonly watcher: FileWatcher
  readonly manifests: ManifestSource
  readonly localGateway: Gateway
  readonly requests: RequestStream
  /** Whether git is changing the work tree around a folder. */
  isGitBusy(folder: string): Promise<boolean>
  readonly localForwards: LocalForwards
  readonly locateField: FieldLocator
  readonly engine: ReturnType<typeof createEngineClient>
  contexts(): Promise<Result<readonly KubeContext[]>>
  access(context: string): ClusterAccess
  /** What the `up` that serves this socket has in place of a cluster. */
  processesOf(socketPath: string): ClusterAccess
}

export function compose(io: CommandIo): Adapters {
  const { env, platform, home } = io
  const runner = createProcessRunner()
  const engine = createEngineClient({ env, home, platform })
  const tree = createSourceTree()
  const files = kubeconfigFiles(env, home)
  return {
    clock: systemClock,
    control: socketChannel,
    runner,
    engine,
    tree,
    states: openStateStore({ env: { HOME: home, ...env }, platform, runner }),
    requests: createRequestStream(),
    locateField,
    isGitBusy: async folder => {
      const git = await gitFolderOf(folder)
      return git !== undefined && gitIsBusy(git, systemClock.now())
    },
    watcher: createFileWatcher(),
    localGateway: createGateway({
      platform,
      runner,
      folder: stateHome({ env: { HOME: home, ...env }, platform }),
    }),
    localForwards: createLocalForwards({ platform, runner }),
    manifests: createManifestSource({ runner }),
    imageStore: createImageStore(engine),
    builder: createImageBuilder({
      client: engine,
      env,
      context: async ({ service, snapshot }) => {
        const { stream, dockerfile } = await contextTar({ service, snapshot })
        return { stream, dockerfileName: dockerfile }
      },
      folder: contextFolder,
    }),
    contexts: async () => {
      const config = await readKubeconfig(files)
      return config.ok ? ok(listContexts(config.value)) : err(config.error)
    },
    processesOf: socketPath =>
      createRemoteAccess({
        ask: ask => socketChannel.ask(socketPath, { type: 'cluster', ask }),
      }),
    access: context => {
      const http = createKubeHttp({ context, files, runner })
      const forward = createPodForward({ http })
      return {
        cluster: createCluster(http),
        observer: createObserver({ http }),
        logs: createPodLogs({ http }),
        forward,
        probe: createEndpointProbe({ http }),
        podProbe: createPodProbe(forward),
        close: () => http.close(),
      }
    },
  }
}
