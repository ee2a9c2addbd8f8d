import { appContainerOf } from './app-container.js'
import { runningImage } from './desired.js'
import { explain } from './explain.js'
import { displayRef } from './kube-object.js'
import { overridesOf, overrideText } from './overrides/overrides.js'
import { workloadOfPod } from './pod-owner.js'
import { describePod } from './rollout/describe-pod.js'
import type { ObservedPod } from './rollout-observation.js'
import { objectStatus, serviceStatus } from './service-status.js'
import type { State } from './state.js'
import { rolledBackText, type ServiceStatus } from './status/status.js'
import { runningContainers } from './sync/sync-targets.js'

/** What `devloop status` shows. Times are milliseconds since the epoch. */
export interface StatusReport {
  readonly project: string
  readonly context: string | undefined
  readonly connected: boolean
  /** The number of the last save. */
  readonly save: number
  /** Whether the last save of every service is what runs, but for those that are to run nothing, and nothing is wrong with the objects around them. */
  readonly live: boolean
  readonly services: readonly ServiceReport[]
  /** What people asked to be otherwise than the files say: `web on green`. */
  readonly overrides: readonly string[]
  /** Where the gateway on this machine answers; none where it does not serve. */
  readonly addresses: readonly string[]
  /** Its port; undefined where it does not serve. */
  readonly gatewayPort?: number | undefined
  /** Ports on this machine that lead to pods; those of which nothing listens have a problem. */
  readonly forwards: readonly ForwardReport[]
  /** Objects of no service that are not as they should be, and problems of the session as a whole. */
  readonly problems: readonly ProblemReport[]
}

export interface ServiceReport {
  readonly name: string
  readonly phase: ServiceStatus['phase']
  readonly message: string | undefined
  readonly save: number
  readonly liveSave: number | undefined
  readonly liveAt: number | undefined
  readonly stages: Readonly<Record<string, number>>
  readonly image: string | undefined
  readonly pods: readonly PodReport[]
  readonly problem: ProblemReport | undefined
  /** Left as it is by request, and how many saves wait since. */
  readonly paused: { readonly saves: number } | undefined
}

export interface ForwardReport {
  /** `service/tour-srv:3000`. */
  readonly target: string
  readonly namespace: string
  readonly service?: string
  /** `127.0.0.1:3001`. */
  readonly address?: string
  readonly problem?: ProblemReport
}

export interface PodReport {
  readonly name: string
  readonly namespace: string
  readonly status: string
  readonly ready: string
  readonly restarts: number
  readonly createdAt: string
  readonly deleting: boolean
  /** The one that is meant by the service. */
  readonly container?: string
  /** The saves that its container of the service has: that of its image, and the last one whose files were synced into it. Absent where it runs another image. */
  readonly runs?: { readonly image: number; readonly synced?: number }
}

export interface ProblemReport {
  readonly of: string
  readonly kind: string
  readonly title: string
}

export function statusReport(state: State): StatusReport {
  const services = Object.keys(state.services).map(name => serviceReport(state, name))
  const problems = otherProblems(state)
  return {
    project: state.project.name,
    context: state.cluster.kind === 'connected' ? state.cluster.context : undefined,
    connected: state.cluster.kind === 'connected' && state.cluster.link.up,
    save: state.save,
    live:
      problems.length === 0 && services.every(({ phase }) => phase === 'live' || phase === 'scaled-to-zero'),
    services,
    overrides: overridesOf(state).map(overrideText),
    addresses: state.gateway?.kind === 'serving' ? state.gateway.addresses : [],
    gatewayPort: state.gateway?.kind === 'serving' ? state.gateway.port : undefined,
    forwards: state.forwards.map(({ target, namespace, service, address, problem }) => ({
      target,
      namespace,
      ...(service === undefined ? {} : { service }),
      ...(address === undefined ? {} : { address }),
      ...(problem === undefined
        ? {}
        : { problem: { of: target, kind: problem.kind, title: explain(problem).title } }),
    })),
    problems,
  }
}

function serviceReport(state: State, name: string): ServiceReport {
  const service = state.services[name]
  const status = serviceStatus(state, name)
  const pods = Object.values(state.observed.pods).filter(pod => {
    const key = workloadOfPod(state, pod)
    return key !== undefined && state.objects[key]?.linked.services.includes(name) === true
  })
  return {
    name,
    phase: status.phase,
    message: messageOf(status),
    save: service?.ledger.save ?? 0,
    liveSave: service?.ledger.liveSave,
    liveAt: service?.ledger.liveAt,
    stages: { ...service?.ledger.stages },
    image:
      (service === undefined ? undefined : runningImage(service)?.podReference) ?? service?.image?.reference,
    pods: pods.map(pod => ({
      name: pod.name,
      namespace: pod.namespace,
      status: describePod(pod),
      ready: `${pod.containers.filter(({ ready, init }) => ready && !init).length}/${pod.containers.filter(({ init }) => !init).length}`,
      restarts: pod.containers.reduce((sum, { restarts }) => sum + restarts, 0),
      createdAt: pod.createdAt,
      deleting: pod.deleting,
      ...containerIn(state, pod, name),
      ...savesIn(state, name, pod),
    })),
    problem: problemOf(name, status),
    paused: service?.steering.paused === undefined ? undefined : { saves: service.steering.paused.saves },
  }
}

function containerIn(state: State, pod: ObservedPod, name: string): Pick<PodReport, 'container'> {
  const container = appContainerOf(state, pod, name)
  return container === undefined ? {} : { container }
}

function savesIn(state: State, name: string, pod: ObservedPod): Pick<PodReport, 'runs'> {
  const service = state.services[name]
  const image = service === undefined ? undefined : runningImage(service)?.save
  const found = runningContainers(state, name).find(
    one => one.pod === pod.name && one.namespace === pod.namespace,
  )
  if (image === undefined || found === undefined) return {}
  const synced = service?.sync?.containers[found.containerId]
  return { runs: { image, ...(synced === undefined ? {} : { synced }) } }
}

function messageOf(status: ServiceStatus): string | undefined {
  switch (status.phase) {
    case 'rolling':
      return status.message
    case 'rolled-back':
      return rolledBackText(status)
    default:
      return undefined
  }
}

function problemOf(of: string, status: ServiceStatus): ProblemReport | undefined {
  if (status.phase !== 'failed') return undefined
  return { of, kind: status.problem.kind, title: explain(status.problem).title }
}

function otherProblems(state: State): readonly ProblemReport[] {
  const ofObjects = Object.entries(state.objects).flatMap(([key, { linked }]) =>
    linked.services.length > 0 ? [] : (problemOf(displayRef(linked.ref), objectStatus(state, key)) ?? []),
  )
  const ofSession = [state.configProblem, state.watchProblem, state.render.problem].flatMap(problem =>
    problem === undefined ? [] : [{ of: 'devloop', kind: problem.kind, title: explain(problem).title }],
  )
  return [...ofSession, ...ofObjects]
}
