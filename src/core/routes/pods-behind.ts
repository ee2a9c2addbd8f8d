import { type KubeObject, refKey, refOf } from '../kube-object.js'
import { withValueAt } from '../manifest/fields.js'
import { podPathOf } from '../manifest/pod-template.js'
import { textMapAt } from '../observe/fields.js'
import { ledTo } from '../overrides/switch.js'
import { workloadOfPod } from '../pod-owner.js'
import { describePod } from '../rollout/describe-pod.js'
import type { ObservedPod } from '../rollout-observation.js'
import type { State } from '../state.js'
import type { SyncState } from '../sync/sync-state.js'
import type { BackendRef } from './route-table.js'
import { findPort, selects, servicePorts } from './service-port.js'

/** Ports of the pods behind a port of a Service. */
export interface PodsBehind {
  readonly ready: readonly {
    readonly uid: string
    readonly namespace: string
    readonly pod: string
    readonly port: number
    /** Of an earlier revision than another one that is ready: its end is near. */
    readonly outgoing: boolean
    /** The kubelet says that it answers at this port: what it replaces ends in a moment. Before that there is time for one request to open the way. */
    readonly listens: boolean
    readonly processes: string
    readonly restarting: boolean
  }[]
  readonly coming: boolean
  readonly notes: readonly string[]
}

/** States in which a pod does not come by itself. */
const STUCK =
  /^(Init:)?(CrashLoopBackOff|ImagePullBackOff|ErrImagePull|ErrImageNeverPull|InvalidImageName|CreateContainerConfigError|CreateContainerError|Error|ExitCode:.*|OOMKilled|Completed)$/

/** Which pods take requests for a backend: ready ones that do not end, and those that pass their probes before the kubelet has asked. In the order of their making, so that each keeps its turn. */
export function podsBehind(state: State, backend: BackendRef, declared: KubeObject | undefined): PodsBehind {
  const none = (note: string): PodsBehind => ({ ready: [], coming: false, notes: [note] })
  if (declared === undefined)
    return none(`There is no service/${backend.service} in the namespace ${backend.namespace}.`)
  const service = asSwitched(state, declared)
  const port = findPort(servicePorts(service), backend.port)
  if (port === undefined) return none(`service/${backend.service} has no port ${backend.port}.`)
  const pods = Object.values(state.observed.pods).filter(
    ({ namespace, labels }) => namespace === backend.namespace && selects(service, labels),
  )
  return judgePods(state, pods, {
    port: port.targetPort,
    isWanted: () => isWanted(state, service),
    none: `service/${backend.service} selects no pod.`,
  })
}

/** A Service with what `switch` has it select in place of what its manifest says: the pods of that one are about to end. */
function asSwitched({ switches }: State, service: KubeObject): KubeObject {
  const own = switches?.[refKey(refOf(service))]
  const selector = own === undefined ? undefined : ledTo(own)
  return selector === undefined ? service : withValueAt(service, ['spec', 'selector'], selector)
}

/** Which of some pods take connections: ready ones that do not end, and those that pass their probes before the kubelet has asked. In the order of their making, so that each keeps its turn. */
export function judgePods(
  state: State,
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
  const { observed } = state
  const pods = given.toSorted((a, b) => (a.createdAt + a.name < b.createdAt + b.name ? -1 : 1))
  const living = pods.filter(({ deleting }) => !deleting)
  const open = living.filter(pod => pod.ready || pod.answers === true)
  const latest = latestRevisions(observed, open)
  const isOutgoing = (pod: ObservedPod): boolean => {
    const set = replicaSetOf(observed, pod)
    return set !== undefined && set.revision < (latest.get(set.ownerUid) ?? 0)
  }
  const ready = open.flatMap(pod => {
    const { uid, namespace, name } = pod
    const number = typeof port === 'number' ? port : pod.ports?.[port]
    return number === undefined
      ? []
      : [
          {
            uid,
            namespace,
            pod: name,
            port: number,
            outgoing: isOutgoing(pod),
            listens: pod.ready && pod.probedPorts?.includes(number) === true,
            ...processesOf(state, pod),
          },
        ]
  })
  const isStuck = (pod: ObservedPod) => STUCK.test(describePod(pod))
  const coming = living.length > 0 ? living.some(pod => !pod.ready && !isStuck(pod)) : isWanted()
  const notes = pods.map(pod => `${pod.name}: ${describePod(pod)}${ending(pod)}`)
  return { ready, coming, notes: notes.length > 0 ? notes : [none] }
}

/** `processes` changes when a sync begins that starts the pod's processes anew, and when it is over. */
function processesOf(
  state: State,
  pod: ObservedPod,
): { readonly processes: string; readonly restarting: boolean } {
  const key = workloadOfPod(state, pod)
  const services = key === undefined ? [] : (state.objects[key]?.linked.services ?? [])
  const syncs = services.map(name => state.services[name]?.sync)
  return {
    processes: syncs.map(restartText).join(''),
    restarting: syncs.some(sync => sync?.running?.restart === true),
  }
}

/** Which sync starts the processes of a service anew, or was the last one to do so. */
export function restartText(sync: SyncState | undefined): string {
  if (sync?.restarted === undefined) return ''
  return `${sync.running?.restart === true ? 'during' : 'after'} ${sync.restarted}`
}

/** The latest revision of each Deployment that one of the pods is of, by its UID. A paused one keeps what it has. */
function latestRevisions(
  observed: State['observed'],
  pods: readonly ObservedPod[],
): ReadonlyMap<string, number> {
  const paused = new Set(
    Object.values(observed.workloads).flatMap(({ uid, paused }) => (paused ? [uid] : [])),
  )
  const latest = new Map<string, number>()
  for (const pod of pods) {
    const set = replicaSetOf(observed, pod)
    if (set === undefined || paused.has(set.ownerUid)) continue
    latest.set(set.ownerUid, Math.max(set.revision, latest.get(set.ownerUid) ?? 0))
  }
  return latest
}

function replicaSetOf({ replicaSets }: State['observed'], { owner }: ObservedPod) {
  const set = owner?.kind === 'ReplicaSet' ? replicaSets[owner.uid] : undefined
  return set?.ownerUid === '' ? undefined : set
}

function ending(pod: ObservedPod): string {
  const end = pod.containers.find(({ lastTermination }) => lastTermination !== undefined)?.lastTermination
  const restarts = pod.containers.reduce((sum, container) => sum + container.restarts, 0)
  if (end === undefined) return pod.unschedulable === undefined ? '' : `, ${pod.unschedulable}`
  return `, exit code ${end.exitCode}, ${restarts} restart${restarts === 1 ? '' : 's'}`
}

/** Whether a workload of ours is to have pods that the Service selects. */
function isWanted({ objects, observed }: State, service: KubeObject): boolean {
  return Object.values(objects).some(({ linked: { object, ref, key } }) => {
    if (podPathOf(ref) === undefined || ref.namespace !== service.metadata.namespace) return false
    if (!selects(service, textMapAt(object, 'spec', 'template', 'metadata', 'labels'))) return false
    return (observed.workloads[key]?.desiredReplicas ?? 1) > 0
  })
}
