import { plural } from '../explain/explanation.js'
import type { Problem } from '../problem.js'
import type { Result } from '../result.js'
import type { KubeContext, SelectedCluster } from '../select-cluster.js'
import { type Finding, finding, problemFinding } from './finding.js'

/** The files of the kubeconfig, and which cluster is chosen by them and the config. */
export interface ContextFacts {
  /** As kubectl would read them. */
  readonly files: readonly string[]
  readonly missing: readonly string[]
  readonly contexts: Result<readonly KubeContext[]>
  readonly selected: Result<SelectedCluster> | undefined
}

/** Whether the kubeconfig leads to a cluster that devloop may use. */
export function judgeContexts({ files, missing, contexts, selected }: ContextFacts): Finding {
  if (!contexts.ok) return problemFinding('contexts', contexts.error)
  const where = files.join(', ')
  const absent =
    missing.length === 0
      ? []
      : [
          `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not there${missing.length === files.length ? ': see that KUBECONFIG is right' : ''}.`,
        ]
  const names = contexts.value.map(({ name, current }) => (current ? `${name} (current)` : name)).join(', ')
  const listed = names === '' ? `no context in ${where}` : `${where}: ${names}`
  if (selected?.ok === true) {
    const { context, kind } = selected.value
    if (kind === 'process') return finding('contexts', 'ok', `${listed}; none is taken: ${NO_CLUSTER}`)
    const isMade = 'create' in selected.value && selected.value.create
    if (contexts.value.some(({ name }) => name === context))
      return finding('contexts', 'ok', `${listed}; ${context} is taken (${kind})`)
    if (isMade) return finding('contexts', 'ok', `${listed}; up makes ${context} (${kind})`)
    return finding(
      'contexts',
      'failure',
      `${listed}; ${context}, which the config names, is not there`,
      ...absent,
      ...makeIt(selected.value),
    )
  }
  if (selected === undefined) return finding('contexts', 'unknown', listed)
  const told = problemFinding('contexts', selected.error)
  return { ...told, remedies: [...absent, ...told.remedies] }
}

function makeIt(cluster: SelectedCluster): readonly string[] {
  switch (cluster.kind) {
    case 'kind':
      return [
        `Make it: kind create cluster --name ${cluster.name}; or where it runs: kind export kubeconfig --name ${cluster.name}`,
      ]
    case 'k3d':
      return [
        `Make it: k3d cluster create ${cluster.name}; or where it runs: k3d kubeconfig merge ${cluster.name}`,
      ]
    case 'minikube':
      return [`Make or start it: minikube start -p ${cluster.profile}`]
    case 'docker-desktop':
      return ['Turn on Kubernetes in the settings of Docker Desktop.']
    case 'context':
    case 'process':
      return []
  }
}

/** A node container of a kind or k3d cluster, as Docker lists it. */
export interface NodeContainer {
  readonly name: string
  readonly running: boolean
}

/** A node as the API server has it. */
export interface NodeReport {
  readonly name: string
  readonly ready: boolean
  /** `containerd://2.2.0`. */
  readonly runtime: string
  readonly architecture: string
  /** `DiskPressure` and the like, where it is so. */
  readonly pressures: readonly string[]
}

/** What the API server says. */
export interface ServerReport {
  readonly server: string
  /** `v1.34.0`. */
  readonly version: string
  /** Undefined where this login may not list them. */
  readonly nodes: readonly NodeReport[] | undefined
  /** Milliseconds by which its clock is ahead of ours; undefined where it does not say. */
  readonly clockAhead: number | undefined
  readonly clockTolerance: number
}

export interface ClusterFacts {
  readonly cluster: SelectedCluster
  /** Undefined where the nodes are no containers here, or Docker does not answer. */
  readonly containers: readonly NodeContainer[] | undefined
  /** Of the engine that listed them, as DOCKER_HOST writes it. */
  readonly endpoint: string | undefined
  /** Undefined where it was not asked, for its nodes do not run. */
  readonly report: Result<ServerReport, Problem> | undefined
  /** Why devloop must not touch it, where it is not what its name says. */
  readonly refusal: Problem | undefined
}

const NO_CLUSTER = 'the config wants none: each container runs as a process of this machine'

/** Whether the chosen cluster answers and can run pods. */
export function judgeCluster({
  cluster,
  containers,
  endpoint,
  report,
  refusal,
}: ClusterFacts): readonly Finding[] {
  const { context } = cluster
  if (cluster.kind === 'process') return [finding('cluster', 'ok', NO_CLUSTER)]
  if (containers?.length === 0 && report?.ok === true)
    return [
      finding(
        'cluster',
        'failure',
        `${context} answers at ${report.value.server}, but none of its nodes is a container of the Docker at ${endpoint ?? 'DOCKER_HOST'}: images that are built there do not come to it`,
        'docker context ls shows the engines that are known here. The one that runs the nodes: docker context use NAME, or DOCKER_HOST=ADDRESS devloop up.',
        ...makeIt(cluster),
      ),
    ]
  const stopped = (containers ?? []).filter(({ running }) => !running)
  if (containers?.length === 0 && 'create' in cluster && cluster.create)
    return [finding('cluster', 'ok', `${context} is not there yet: up makes it`)]
  if (containers?.length === 0)
    return [
      finding(
        'cluster',
        'failure',
        `Docker has no node of ${context}: the cluster is gone`,
        ...makeIt(cluster),
      ),
    ]
  if (stopped.length > 0)
    return [
      finding(
        'cluster',
        'warning',
        `${plural(stopped.length, 'node')} of ${context} ${stopped.length === 1 ? 'is' : 'are'} stopped: ${stopped.map(({ name }) => name).join(', ')}`,
        `up starts them; or: docker start ${stopped.map(({ name }) => name).join(' ')}`,
      ),
    ]
  if (report === undefined) return [finding('cluster', 'unknown', `${context} was not asked`)]
  if (!report.ok) return [problemFinding('cluster', report.error)]
  if (refusal !== undefined) return [problemFinding('cluster', refusal)]
  return judgeNodes(context, report.value)
}

function judgeNodes(context: string, { server, version, nodes }: ServerReport): readonly Finding[] {
  const answers = `${context} answers at ${server}, Kubernetes ${version.replace(/^v/, '')}`
  if (nodes === undefined)
    return [finding('cluster', 'ok', `${answers}; its nodes may not be listed with this login`)]
  const unready = nodes.filter(({ ready }) => !ready)
  const pressed = nodes.filter(({ pressures }) => pressures.length > 0)
  const findings: Finding[] = []
  if (unready.length > 0)
    findings.push(
      finding(
        'cluster',
        unready.length === nodes.length ? 'failure' : 'warning',
        `${answers}, but ${unready.map(({ name }) => name).join(', ')} ${unready.length === 1 ? 'is' : 'are'} not ready`,
        `Why: kubectl --context ${context} describe node ${unready[0]?.name ?? ''}`,
      ),
    )
  for (const { name, pressures } of pressed)
    findings.push(
      finding(
        'cluster',
        'warning',
        `node ${name} reports ${pressures.join(', ')}: it takes no new pods and evicts some`,
        'devloop gc removes images of earlier saves from the nodes; docker system df shows the disk.',
      ),
    )
  return findings.length > 0
    ? findings
    : [finding('cluster', 'ok', `${answers}, ${plural(nodes.length, 'node')} ready`)]
}
