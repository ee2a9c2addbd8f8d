import type { LoadedConfig } from '../config/parse.js'
import { type Finding, finding, problemFinding } from '../core/doctor/finding.js'
import { judgeCluster, judgeContexts } from '../core/doctor/judge-cluster.js'
import { judgeDisk } from '../core/doctor/judge-disk.js'
import { judgeDocker } from '../core/doctor/judge-docker.js'
import { judgeLeftovers } from '../core/doctor/judge-leftovers.js'
import { judgeLoad } from '../core/doctor/judge-load.js'
import { judgeNames } from '../core/doctor/judge-names.js'
import { judgePorts } from '../core/doctor/judge-ports.js'
import { type ClockReading, judgeTime } from '../core/doctor/judge-time.js'
import { judgeTools, type ToolName, toolNeeds } from '../core/doctor/judge-tools.js'
import { judgeWatches } from '../core/doctor/judge-watches.js'
import { wantedPorts } from '../core/doctor/wanted-ports.js'
import { plural } from '../core/explain/explanation.js'
import { blockId, blockIds } from '../core/hosts/block.js'
import type { Project } from '../core/project.js'
import type { Result } from '../core/result.js'
import { isGatewayWanted } from '../core/routes/route-sources.js'
import type { SelectedCluster } from '../core/select-cluster.js'
import { gatherHosts } from '../engine/gather-hosts.js'
import { liveRoutesOf } from '../engine/live-routes.js'
import type { Check } from '../engine/run-checks.js'
import type { Adapters } from './compose.js'
import type { DoctorTools } from './compose-doctor.js'
import { composeHosts } from './compose-hosts.js'
import { composeProvider } from './compose-provider.js'
import type { DoctorFacts } from './doctor-facts.js'
import type { CommandIo } from './io.js'

interface Looking {
  readonly io: CommandIo
  readonly adapters: Adapters
  readonly tools: DoctorTools
  readonly facts: DoctorFacts
  readonly loaded: Result<LoadedConfig>
}

const NO_CONFIG = 'not looked at, for there is no config that could be read'
const NO_DOCKER = 'not looked at, for Docker does not answer'
const NO_CLUSTER = 'not looked at, for no cluster is chosen'

const TOOLS: readonly ToolName[] = ['kubectl', 'kustomize', 'helm', 'docker', 'kind', 'k3d', 'minikube']

/** Everything that `devloop doctor` looks at, in the order in which it tells. */
export function doctorChecks(looking: Looking): readonly Check[] {
  const { tools, facts, io, loaded } = looking
  const isProcesses = facts.project?.cluster.kind === 'process'
  const check = (
    name: Check['name'],
    about: string,
    look: Check['look'],
    { late = 'unknown', remedies = [] }: Partial<Pick<Check, 'late' | 'remedies'>> = {},
  ): Check => ({ name, about, late, remedies, look })
  return [
    check('config', 'the config', async () => [judgeConfig(loaded)]),
    check('manifests', 'the manifests', () => lookAtManifests(facts)),
    check('docker', 'Docker', async () => [judgeDocker(await facts.engine(), { isNeeded: !isProcesses })], {
      late: isProcesses ? 'unknown' : 'failure',
      remedies: ['See whether it answers at all: docker version. If it hangs too, restart it.'],
    }),
    check('disk', 'the disk', () => lookAtDisk(looking)),
    check('contexts', 'the kubeconfig', async () => {
      const [config, contexts, selected] = await Promise.all([
        tools.kubeconfig(),
        facts.contexts(),
        facts.selected(),
      ])
      return [judgeContexts({ ...config, contexts, selected })]
    }),
    check('cluster', 'the cluster', () => lookAtCluster(looking), {
      late: 'failure',
      remedies: [
        'See whether it answers at all: kubectl get nodes. A VPN or a sleep may have cut the way to it.',
      ],
    }),
    check('load', 'the way of images to the nodes', signal => lookAtLoad(looking, signal)),
    check('tools', 'the programs that the config needs', signal => lookAtTools(looking, signal)),
    check(
      'watches',
      'the folders to watch',
      async () => judgeWatches(await tools.watchFacts(facts.project)),
      {
        remedies: ['A very large tree: leave folders out, by .dockerignore or watch.ignore.'],
      },
    ),
    check('ports', 'the ports', () => lookAtPorts(looking)),
    check('names', 'the names of the routes', () => lookAtNames(looking)),
    check('time', 'the clocks', async () => [judgeTime(await readClocks(facts), io.platform)]),
    check('leftovers', 'what earlier runs left', () => lookAtLeftovers(looking)),
  ]
}

function judgeConfig(loaded: Result<LoadedConfig>): Finding {
  if (!loaded.ok) {
    const told = problemFinding('config', loaded.error)
    return {
      ...told,
      remedies: [
        ...told.remedies,
        'devloop init writes one; devloop validate shows each mistake with its place.',
      ],
    }
  }
  const { project, warnings } = loaded.value
  const text = `${project.configFile}: ${plural(project.services.length, 'service')}`
  if (warnings.length === 0) return finding('config', 'ok', text)
  return finding(
    'config',
    'warning',
    `${text}, ${plural(warnings.length, 'warning')}`,
    'devloop validate shows them.',
  )
}

async function lookAtManifests(facts: DoctorFacts): Promise<readonly Finding[]> {
  const rendered = await facts.rendered()
  if (rendered === undefined) return [finding('manifests', 'unknown', NO_CONFIG)]
  const { objects, skipped } = rendered
  if (!objects.ok) {
    const told = problemFinding('manifests', objects.error)
    return [{ ...told, remedies: ['devloop validate shows each mistake with its place.', ...told.remedies] }]
  }
  const left =
    skipped === 0
      ? ''
      : `; ${plural(skipped, 'command')} that print${skipped === 1 ? 's' : ''} manifests not run`
  return [finding('manifests', 'ok', `${plural(objects.value.length, 'object')}${left}`)]
}

async function lookAtDisk({ tools, facts }: Looking): Promise<readonly Finding[]> {
  const [engine, own] = await Promise.all([facts.engine(), tools.stateRoom()])
  const docker = engine.ok
    ? await tools.dockerRoom(engine.value.root, tools.isLocalEngine(engine.value.endpoint))
    : { kind: 'unseen' as const, path: 'its folder', reason: NO_DOCKER }
  return judgeDisk({ docker, ...own })
}

async function lookAtCluster({ io, adapters, tools, facts }: Looking): Promise<readonly Finding[]> {
  const cluster = await facts.cluster()
  if (cluster === undefined) return [finding('cluster', 'unknown', NO_CLUSTER)]
  const [containers, engine] = await Promise.all([facts.containers(), facts.engine()])
  // To ask a cluster whose nodes are stopped takes as long as a connection does to fail.
  const isUp = containers === undefined || containers.every(({ running }) => running)
  const report = isUp ? await facts.server() : undefined
  const refusal = await refusalOf(cluster, {
    io,
    tools,
    adapters,
    server: report?.ok === true ? report.value.server : undefined,
    isUp: containers !== undefined && containers.length > 0 && isUp,
    hasEngine: engine.ok,
  })
  const endpoint = engine.ok ? engine.value.endpoint : undefined
  return judgeCluster({ cluster, containers, endpoint, report, refusal })
}

/** Whether the context leads where its name says. Providers start what is stopped when they are asked, so only those are asked whose nodes all run. */
async function refusalOf(
  cluster: SelectedCluster,
  {
    io,
    tools,
    server,
    isUp,
    hasEngine,
  }: Pick<Looking, 'io' | 'tools' | 'adapters'> & {
    readonly server: string | undefined
    readonly isUp: boolean
    readonly hasEngine: boolean
  },
) {
  const isAsked =
    (cluster.kind === 'docker-desktop' && hasEngine) ||
    ((cluster.kind === 'kind' || cluster.kind === 'k3d') && isUp)
  if (server === undefined || !isAsked) return undefined
  const { provider } = await composeProvider(cluster, io, tools.folder)
  const verified = await provider.verify(server)
  return verified.ok ? undefined : verified.error
}

async function lookAtLoad({ tools, facts }: Looking, signal: AbortSignal): Promise<readonly Finding[]> {
  const [cluster, engine] = await Promise.all([facts.cluster(), facts.engine()])
  if (cluster === undefined) return [finding('load', 'unknown', NO_CLUSTER)]
  if (cluster.kind === 'process') return judgeLoad({ cluster })
  if (!engine.ok) return [finding('load', 'unknown', NO_DOCKER)]
  const { store, architecture, endpoint } = engine.value
  const isLocal = tools.isLocalEngine(endpoint)
  const isPushed = isLocal && (cluster.kind === 'kind' || cluster.kind === 'k3d')
  const [server, reached] = await Promise.all([
    facts.server(),
    isPushed ? tools.engineReachesUs(signal) : undefined,
  ])
  const nodes = server?.ok === true ? server.value.nodes : undefined
  return judgeLoad({
    cluster,
    store,
    architecture,
    isLocal,
    reached,
    runtimes: nodes?.map(({ runtime }) => runtime),
    architectures: nodes?.map(node => node.architecture),
  })
}

async function lookAtTools({ tools, facts }: Looking, signal: AbortSignal): Promise<readonly Finding[]> {
  const { project } = facts
  const [versions, roots, cluster, containers] = await Promise.all([
    Promise.all(TOOLS.map(name => tools.toolVersion(name, signal))),
    project === undefined ? { kustomizations: [], charts: [] } : tools.renderedRoots(project),
    facts.cluster(),
    facts.containers(),
  ])
  const use =
    cluster === undefined || project === undefined
      ? undefined
      : {
          kind: cluster.kind,
          isMade: 'create' in cluster && cluster.create && containers?.length === 0,
          isPushed: cluster.kind === 'context' && cluster.registry !== undefined,
        }
  return judgeTools(toolNeeds({ ...roots, cluster: use }), versions)
}

async function lookAtPorts({ tools, facts }: Looking): Promise<readonly Finding[]> {
  const rendered = await facts.rendered()
  const { project } = facts
  if (rendered === undefined || project === undefined) return [finding('ports', 'unknown', NO_CONFIG)]
  // Without manifests the config still names ports.
  const wanted = wantedPorts(project, rendered.objects.ok ? rendered.objects.value : [])
  const [ports, traces, root] = await Promise.all([tools.ports(wanted), facts.traces(), facts.root()])
  const owners = traces.flatMap(({ owner, root: of }) =>
    owner === undefined ? [] : [{ pid: owner.pid, isOwn: of === root }],
  )
  return judgePorts(ports, {
    own: owners.find(({ isOwn }) => isOwn)?.pid,
    others: owners.map(({ pid }) => pid),
  })
}

async function lookAtNames({ io, adapters, tools, facts }: Looking): Promise<readonly Finding[]> {
  const rendered = await facts.rendered()
  const { project } = facts
  if (rendered === undefined || project === undefined) return [finding('names', 'unknown', NO_CONFIG)]
  if (!rendered.objects.ok)
    return [finding('names', 'unknown', 'not looked at, for the manifests cannot be read')]
  const [cluster, engine] = await Promise.all([facts.cluster(), facts.engine()])
  const isServed = cluster !== undefined && cluster.kind !== 'process'
  const access = !isServed ? undefined : adapters.access(cluster.context)
  try {
    const meta = cluster === undefined ? undefined : { name: project.name, context: cluster.context }
    const live = await liveRoutesOf(project, rendered.objects.value, access?.cluster)
    const gathered = await gatherHosts(composeHosts(io, adapters, meta), {
      project: project satisfies Project,
      objects: rendered.objects.value,
      live,
      address: async () => {
        if (cluster === undefined)
          return { kind: 'unknown', reason: 'no cluster is chosen that could be asked' }
        if (cluster.kind === 'process') return { kind: 'known', address: '127.0.0.1' }
        if (!engine.ok && (cluster.kind === 'kind' || cluster.kind === 'k3d'))
          return { kind: 'unknown', reason: 'Docker does not answer' }
        const { provider } = await composeProvider(cluster, io, tools.folder)
        return provider.hostAddress()
      },
      gateway: isGatewayWanted(project.gateway, [
        ...rendered.objects.value,
        ...live.map(object => ({ object })),
      ])
        ? { port: project.gateway.port, isRunning: false }
        : undefined,
      cluster: access?.cluster,
    })
    return gathered.ok
      ? judgeNames(gathered.value.report)
      : [problemFinding('names', gathered.error, 'warning')]
  } finally {
    access?.close()
  }
}

async function readClocks(facts: DoctorFacts): Promise<readonly ClockReading[]> {
  const [engine, server] = await Promise.all([facts.engine(), facts.server()])
  const readings = [
    { whose: 'Docker', report: engine },
    { whose: 'the API server', report: server },
  ]
  return readings.flatMap(({ whose, report }) =>
    report?.ok !== true || report.value.clockAhead === undefined
      ? []
      : [{ whose, ahead: report.value.clockAhead, tolerance: report.value.clockTolerance }],
  )
}

async function lookAtLeftovers({ io, adapters, facts }: Looking): Promise<readonly Finding[]> {
  const { file } = composeHosts(io, adapters, undefined)
  const [projects, root, hosts] = await Promise.all([facts.traces(), facts.root(), file.read()])
  const known = projects.map(({ name, context }) => blockId(name, context))
  const strayBlocks = hosts.ok ? blockIds(hosts.value).filter(id => !known.includes(id)) : []
  return judgeLeftovers({ projects, strayBlocks, hostsFile: file.path, root })
}
