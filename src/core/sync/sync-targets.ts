import { objectsOf, runningImage } from '../desired.js'
import { fieldsOf, itemsOf, stringOf, valueAt } from '../manifest/fields.js'
import type { LinkedObject } from '../manifest/link.js'
import { containersOf } from '../manifest/pod-template.js'
import { memo } from '../memo.js'
import { workloadOfPod } from '../pod-owner.js'
import type { ObservedContainer, ObservedPod } from '../rollout-observation.js'
import type { State } from '../state.js'
import { isLasting } from './is-lasting.js'

/** A running container of a service's present image. */
export interface RunningContainer {
  /** Key of the object whose pod it is in. */
  readonly workload: string
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly containerId: string
  readonly node: string | undefined
  /** TCP ports that its probe of readiness asks. */
  readonly ports: readonly number[]
}

/** Every running container of a service's present image, of all replicas. */
export function runningContainers(state: State, service: string): readonly RunningContainer[] {
  const known = byService(state)
  const before = known.get(service)
  if (before !== undefined) return before
  const found = compute(state, service)
  known.set(service, found)
  return found
}

const byService = memo((_: State) => new Map<string, readonly RunningContainer[]>())

function compute(state: State, name: string): readonly RunningContainer[] {
  const service = state.services[name]
  const reference = service === undefined ? undefined : runningImage(service)?.podReference
  if (reference === undefined) return []
  const keys = new Set(objectsOf(state, name))
  return Object.values(state.observed.pods).flatMap(pod => {
    const workload = pod.deleting ? undefined : workloadOfPod(state, pod)
    if (workload === undefined || !keys.has(workload)) return []
    const linked = state.objects[workload]?.linked
    if (linked === undefined || !isLasting(linked)) return []
    const own = linked.images.filter(image => image.service === name && !image.init)
    return pod.containers.flatMap((container): RunningContainer[] => {
      if (container.init || container.state.kind !== 'running' || container.containerId === undefined)
        return []
      if (!own.some(image => image.container === container.name)) return []
      if (!runs(state, pod, container, reference)) return []
      return [
        {
          workload,
          namespace: pod.namespace,
          pod: pod.name,
          container: container.name,
          containerId: container.containerId,
          node: pod.nodeName,
          ports: probePorts(linked, container.name),
        },
      ]
    })
  })
}

/** A pod's own word on its image may be another name of it, so its ReplicaSet is asked where it has one. */
function runs(state: State, pod: ObservedPod, container: ObservedContainer, reference: string): boolean {
  const { owner } = pod
  const set = owner?.kind === 'ReplicaSet' ? state.observed.replicaSets[owner.uid] : undefined
  const image = set?.images[container.name] ?? container.image
  return image === reference || image.endsWith(`/${reference}`)
}

function probePorts({ object }: LinkedObject, name: string): readonly number[] {
  const found = containersOf(object).find(
    container => container.type === 'container' && container.name === name,
  )
  if (found === undefined) return []
  const container = fieldsOf(valueAt(object, found.path))
  const probe = fieldsOf(container.readinessProbe)
  const port =
    fieldsOf(probe.httpGet).port ?? fieldsOf(probe.tcpSocket).port ?? fieldsOf(probe.grpc).port ?? undefined
  if (typeof port === 'number') return [port]
  const named = itemsOf(container.ports).map(fieldsOf)
  const number = named.find(one => stringOf(one.name) === port && port !== undefined)?.containerPort
  return typeof number === 'number' ? [number] : []
}
