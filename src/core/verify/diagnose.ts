import type { KubeObject } from '../kube-object.js'
import { fieldsIn, listIn, numberIn, textIn } from '../routes/route-fields.js'
import type { StreamReport } from './stream-report.js'

/** Something about a workload that loses requests, or may. Plain JSON. */
export interface VerifyFinding {
  readonly missing:
    | 'replicas'
    | 'strategy'
    | 'max-unavailable'
    | 'readiness-probe'
    | 'pre-stop'
    | 'min-ready-seconds'
    | 'sigterm'
  readonly message: string
  /** A strategic merge patch of the workload; absent where no field of it helps. */
  readonly patch?: Readonly<Record<string, unknown>>
}

/** How a container of a pod that was replaced ended. */
export interface PodEnd {
  readonly exitCode: number
  /** Milliseconds from the pod's deletion. */
  readonly took: number
}

export interface DiagnoseInput {
  readonly workload: KubeObject
  /** The container that answers. */
  readonly container: string
  /** Its port. */
  readonly port: number | string
  readonly path: string
  readonly stream: StreamReport
  readonly ends: readonly PodEnd[]
}

const POD = ['spec', 'template', 'spec'] as const
/** Seconds for which a pod that ends still takes requests: longer than nodes take to learn that it ends. */
const LINGER = 5
const KILLED = 137
const TERMINATED = 143

/** What a workload lacks for a rollout that loses no request, with the patch that gives it. What is likely to have cost requests comes first. */
export function diagnose(input: DiagnoseInput): readonly VerifyFinding[] {
  return [...ofReplacement(input), ...ofReadiness(input), ...ofEnd(input)]
}

function ofReplacement({ workload }: DiagnoseInput): readonly VerifyFinding[] {
  const replicas = numberIn(workload, 'spec', 'replicas') ?? 1
  if (workload.kind === 'StatefulSet')
    return replicas > 1
      ? []
      : [
          {
            missing: 'replicas',
            message:
              'a StatefulSet ends a pod before it makes the next: with one replica nobody answers in between',
            patch: { spec: { replicas: 2 } },
          },
        ]
  if (workload.kind === 'DaemonSet') {
    const surge = fieldsIn(workload, 'spec', 'updateStrategy', 'rollingUpdate').maxSurge
    return surge !== undefined && surge !== 0 && surge !== '0%'
      ? []
      : [
          {
            missing: 'max-unavailable',
            message:
              "on each node the old pod ends before the new one starts: that node's pod answers nobody in between",
            patch: { spec: { updateStrategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } } },
          },
        ]
  }
  const rolling = { strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } }
  if (textIn(workload, 'spec', 'strategy', 'type') === 'Recreate')
    return [
      {
        missing: 'strategy',
        message: 'the strategy Recreate ends every pod before the first new one starts',
        patch: { spec: rolling },
      },
    ]
  const settings = fieldsIn(workload, 'spec', 'strategy', 'rollingUpdate')
  const surge = absolute(settings.maxSurge ?? '25%', replicas, Math.ceil)
  const given = absolute(settings.maxUnavailable ?? '25%', replicas, Math.floor)
  // The API server takes 1 where both come to nothing.
  const unavailable = surge === 0 && given === 0 ? 1 : given
  if (unavailable < replicas) return []
  return [
    {
      missing: 'max-unavailable',
      message: `maxUnavailable lets all ${replicas === 1 ? 'of its one pod' : `${replicas} pods`} go before a new one is ready`,
      patch: { spec: rolling },
    },
  ]
}

function absolute(value: unknown, replicas: number, round: (n: number) => number): number {
  if (typeof value === 'number') return value
  const percent = /^(\d+)%$/.exec(String(value))?.[1]
  return percent === undefined ? 0 : round((Number(percent) * replicas) / 100)
}

function ofReadiness({ workload, container, port, path, stream }: DiagnoseInput): readonly VerifyFinding[] {
  const spec = containerOf(workload, container)
  const hasProbe = Object.keys(fieldsIn(spec, 'readinessProbe')).length > 0
  const seconds = numberIn(workload, 'spec', 'minReadySeconds') ?? 0
  const findings: VerifyFinding[] = []
  if (!hasProbe)
    findings.push({
      missing: 'readiness-probe',
      message: `${container} has no readinessProbe: requests come as soon as its process starts, before it listens`,
      patch: patchOf(container, {
        readinessProbe: { httpGet: { path: path.split('?')[0] ?? '/', port }, periodSeconds: 1 },
      }),
    })
  const mayBeEarly = !hasProbe || (stream.causes.refused ?? 0) > 0
  if (seconds === 0 && mayBeEarly && workload.kind !== 'StatefulSet')
    findings.push({
      missing: 'min-ready-seconds',
      message: 'minReadySeconds is 0: the old pod goes the moment that the new one is called ready',
      patch: { spec: { minReadySeconds: LINGER } },
    })
  return findings
}

function ofEnd({ workload, container, ends }: DiagnoseInput): readonly VerifyFinding[] {
  const spec = containerOf(workload, container)
  const hasPreStop = Object.keys(fieldsIn(spec, 'lifecycle', 'preStop')).length > 0
  const grace = numberIn(workload, ...POD, 'terminationGracePeriodSeconds') ?? 30
  const findings: VerifyFinding[] = []
  if (!hasPreStop)
    findings.push({
      missing: 'pre-stop',
      message: `${container} has no preStop: it is told to end while nodes still send it requests`,
      patch: {
        spec: {
          template: {
            spec: {
              // The wait counts towards the grace period.
              ...(grace < 2 * LINGER ? { terminationGracePeriodSeconds: 30 } : {}),
              containers: [{ name: container, lifecycle: { preStop: { sleep: { seconds: LINGER } } } }],
            },
          },
        },
      },
    })
  const killed = ends.find(({ exitCode }) => exitCode === KILLED)
  const cut = ends.find(({ exitCode }) => exitCode === TERMINATED)
  if (killed !== undefined)
    findings.push({
      missing: 'sigterm',
      message: `${container} does not handle SIGTERM: it was killed after ${seconds(killed.took)} s (exit code 137). The first process of a container gets no default: handle the signal there, finish what is being answered and exit; a shell before it must hand it on ("exec node server.js")`,
    })
  else if (cut !== undefined)
    findings.push({
      missing: 'sigterm',
      message: `${container} does not handle SIGTERM: it ended at once (exit code 143), and what it was answering was cut off. Handle the signal: close the server, finish what is being answered and exit`,
    })
  return findings
}

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0)

const containerOf = (workload: KubeObject, name: string): unknown =>
  listIn(workload, ...POD, 'containers').find(one => textIn(one, 'name') === name)

const patchOf = (name: string, fields: Readonly<Record<string, unknown>>) => ({
  spec: { template: { spec: { containers: [{ name, ...fields }] } } },
})
