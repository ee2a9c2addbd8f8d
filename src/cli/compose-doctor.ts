import { access } from 'node:fs/promises'
import { systemClock } from '../adapters/clock/system-clock.js'
import { readEngineReport } from '../adapters/docker/engine-report.js'
import { lookAtPort } from '../adapters/doctor/look-at-port.js'
import { isWritable, readRoom, silentFolders } from '../adapters/doctor/room.js'
import { toolVersion } from '../adapters/doctor/tool-version.js'
import { createKubeHttp } from '../adapters/kubernetes/http-client.js'
import { kubeconfigFiles } from '../adapters/kubernetes/kubeconfig.js'
import { readServerReport } from '../adapters/kubernetes/server-report.js'
import { engineReachesUs } from '../adapters/load/engine-reaches-us.js'
import { isLocalEngine } from '../adapters/load/is-local-engine.js'
import { renderedRoots } from '../adapters/render/rendered-roots.js'
import { readProjectTraces } from '../adapters/state/project-traces.js'
import { stateHome } from '../adapters/state/state-directory.js'
import { countFolders } from '../adapters/watch/chokidar-watcher.js'
import { readInotify } from '../adapters/watch/inotify-budget.js'
import type { NodeContainer } from '../core/doctor/judge-cluster.js'
import type { Room } from '../core/doctor/judge-disk.js'
import type { PortFacts } from '../core/doctor/judge-ports.js'
import type { ToolName } from '../core/doctor/judge-tools.js'
import type { WatchFacts } from '../core/doctor/judge-watches.js'
import type { wantedPorts } from '../core/doctor/wanted-ports.js'
import type { Project } from '../core/project.js'
import type { SelectedCluster } from '../core/select-cluster.js'
import type { Adapters } from './compose.js'
import type { CommandIo } from './io.js'

/** All that `devloop doctor` can ask of this machine. None of it changes anything. */
export type DoctorTools = ReturnType<typeof composeDoctor>

export function composeDoctor(io: CommandIo, { engine, runner, tree }: Adapters) {
  const { env, home, platform } = io
  const { now } = systemClock
  const files = kubeconfigFiles(env, home)
  const folder = stateHome({ env: { HOME: home, ...env }, platform })
  return {
    folder,
    engineEndpoint: async () => {
      const endpoint = await engine.endpoint()
      return endpoint.ok ? endpoint.value : endpoint.error.endpoint
    },
    engineReport: (signal: AbortSignal) => readEngineReport(engine, { now, signal }),
    isLocalEngine,
    engineReachesUs: (signal: AbortSignal) =>
      engineReachesUs(fromImage => {
        const query = { fromImage }
        return engine.json({ method: 'POST', path: '/images/create', query, signal })
      }),
    /** Undefined where the nodes of such a cluster are no containers of this engine, or it does not answer. */
    containers: async (cluster: SelectedCluster, signal: AbortSignal) => {
      if (cluster.kind !== 'kind' && cluster.kind !== 'k3d') return undefined
      const label =
        cluster.kind === 'kind' ? `io.x-k8s.kind.cluster=${cluster.name}` : `k3d.cluster=${cluster.name}`
      const query = { all: true, filters: JSON.stringify({ label: [label] }) }
      const found = await engine.json<readonly ListedContainer[]>({
        method: 'GET',
        path: '/containers/json',
        query,
        signal,
      })
      return found.ok ? found.value.filter(isNode).map(nodeOf) : undefined
    },
    dockerRoom: async (root: string, isLocal: boolean): Promise<Room> =>
      isLocal && root !== ''
        ? readRoom(root)
        : {
            kind: 'unseen',
            path: root,
            reason: 'it is not on this machine; docker system df shows what is held',
          },
    stateRoom: async () => ({ state: await readRoom(folder), writable: await isWritable(folder) }),
    kubeconfig: async () => ({ files, missing: await absent(files) }),
    serverReport: async (context: string, signal: AbortSignal) => {
      const http = createKubeHttp({ context, files, runner })
      try {
        return await readServerReport(http, { now, signal })
      } finally {
        http.close()
      }
    },
    toolVersion: (name: ToolName, signal: AbortSignal) => toolVersion(name, runner, signal),
    renderedRoots: ({ manifests, root }: Project) => renderedRoots(manifests, root),
    watchFacts: async (project: Project | undefined): Promise<WatchFacts> => {
      const roots = project?.services.flatMap(service => tree.watchRoots(service)) ?? []
      const [inotify, folders, silent] = await Promise.all([
        readInotify(),
        project === undefined ? undefined : countFolders(roots),
        silentFolders([...new Set(project?.services.map(({ context }) => context) ?? [io.cwd])]),
      ])
      return { folders, inotify, silent, polls: /^(1|true)$/i.test(env.CHOKIDAR_USEPOLLING ?? '') }
    },
    /** One after another: two forwards may want the same port. */
    ports: async (wanted: ReturnType<typeof wantedPorts>): Promise<readonly PortFacts[]> => {
      const facts: PortFacts[] = []
      for (const port of wanted) facts.push(await lookAtPort(port, { platform, runner }))
      return facts
    },
    projectTraces: () => readProjectTraces(folder, runner),
  }
}

interface ListedContainer {
  readonly Names: readonly string[]
  readonly State: string
  readonly Labels: Readonly<Record<string, string>>
}

/** Load balancers and registries of the tools run no pods. */
const isNode = ({ Labels }: ListedContainer): boolean =>
  /^(?:control-plane|worker|server|agent)$/.test(Labels['io.x-k8s.kind.role'] ?? Labels['k3d.role'] ?? '')

const nodeOf = ({ Names, State }: ListedContainer): NodeContainer => ({
  name: (Names[0] ?? '').replace(/^\//, ''),
  running: State === 'running',
})

async function absent(files: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    files.map(file =>
      access(file).then(
        () => [],
        () => [file],
      ),
    ),
  )
  return found.flat()
}
