import type { KubeObject } from '../kube-object.js'
import { podPathOf } from '../manifest/pod-template.js'
import { textMapAt } from '../observe/fields.js'
import { describePod } from '../rollout/describe-pod.js'
import type { ObservedPod } from '../rollout-observation.js'
import type { State } from '../state.js'
import type { BackendRef } from './route-table.js'
import { findPort, selects, servicePorts } from './service-port.js'

/** Ports of the pods behind a port of a Service. */
export interface PodsBehind {
  readonly ready: readonly {
    readonly uid: string
    readonly namespace: string
    readonly pod: string
    readonly port: number
  }[]
  readonly coming: boolean
  readonly notes: readonly string[]
}

/** States in which a pod does not come by itself. */
const STUCK =
  /^(Init:)?(CrashLoopBackOff|ImagePullBackOff|ErrImagePull|ErrImageNeverPull|InvalidImageName|CreateContainerConfigError|CreateContainerError|Error|ExitCode:.*|OOMKilled|Completed)$/

/** Which pods take requests for a backend: ready ones that do not end. In the order of their making, so that each keeps its turn. */
export function podsBehind(state: State, backend: BackendRef, service: KubeObject | undefined): PodsBehind {
  const none = (note: string): PodsBehind => ({ ready: [], coming: false, notes: [note] })
  if (service === undefined)
    return none(`There is no service/${backend.service} in the namespace ${backend.namespace}.`)
  const port = findPort(servicePorts(service), backend.port)
  if (port === undefined) return none(`service/${backend.service} has no port ${backend.port}.`)
  const pods = Object.values(state.observed.pods).filter(
    ({ namespace, labels }) => namespace === backend.namespace && selects(service, labels),
  )
  return judgePods(pods, {
    port: port.targetPort,
    isWanted: () => isWanted(state, service),
    none: `service/${backend.service} selects no pod.`,
  })
}

/** Which of some pods take connections: ready ones that do not end. In the order of their making, so that each keeps its turn. */
export function judgePods(
  given: readonly ObservedPod[],
  options: {
    /** Of the pods: a number, or the name of a container's port. */
    readonly port: number | string
    /** Whether there are to be pods where there are none. */
    readonly isWanted: () => boolean
    /** What is said where there are none. */
    readonly none: string
  },
): PodsBehind {
  const { port, isWanted, none } = options
  const pods = given.toSorted((a, b) => (a.createdAt + a.name < b.createdAt + b.name ? -1 : 1))
  const living = pods.filter(({ deleting }) => !deleting)
  const ready = living
    .filter(pod => pod.ready)
    .flatMap(pod => {
      const number = typeof port === 'number' ? port : pod.ports?.[port]
      return number === undefined
        ? []
        : [{ uid: pod.uid, namespace: pod.namespace, pod: pod.name, port: number }]
    })
  const isStuck = (pod: ObservedPod) => STUCK.test(describePod(pod))
  const coming = living.length > 0 ? living.some(pod => !pod.ready && !isStuck(pod)) : isWanted()
  const notes = pods.map(pod => `${pod.name}: ${describePod(pod)}${ending(pod)}`)
  return { ready, coming, notes: notes.length > 0 ? notes : [none] }
}

function ending(pod: ObservedPod): string {
  const end = pod.containers.find(({ lastTermination }) => lastTermination !== undefined)?.lastTermination
  const restarts = pod.containers.reduce((sum, container) => sum + container.restarts, 0)
  if (end === undefined) return pod.unschedulable === undefined ? '' : `, ${pod.unschedulable}`
  return `, exit code ${end.exitCode}, ${restarts} restarts`
}

/** Whether a workload of ours is to have pods that the Service selects. */
function isWanted({ objects, observed }: State, service: KubeObject): boolean {
  return Object.values(objects).some(({ linked: { object, ref, key } }) => {
    if (podPathOf(ref) === undefined || ref.namespace !== service.metadata.namespace) return false
    if (!selects(service, textMapAt(object, 'spec', 'template', 'metadata', 'labels'))) return false
    return (observed.workloads[key]?.desiredReplicas ?? 1) > 0
  })
}
