import type { KubeObject } from '../kube-object.js'
import { type FieldPath, fieldsOf, itemsOf, stringOf, valueAt } from './fields.js'

/** Where each built-in workload kind keeps the pod that it makes: the object that has `metadata` and `spec` of a pod. */
const POD_PATHS: ReadonlyMap<string, FieldPath> = new Map([
  ['apps/Deployment', ['spec', 'template']],
  ['apps/StatefulSet', ['spec', 'template']],
  ['apps/DaemonSet', ['spec', 'template']],
  ['apps/ReplicaSet', ['spec', 'template']],
  ['extensions/Deployment', ['spec', 'template']],
  ['extensions/DaemonSet', ['spec', 'template']],
  ['extensions/ReplicaSet', ['spec', 'template']],
  ['/ReplicationController', ['spec', 'template']],
  ['batch/Job', ['spec', 'template']],
  ['batch/CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
  ['/Pod', []],
])

/** Path of the pod (template) in a workload; undefined for kinds that run no pods. */
export function podPathOf(object: {
  readonly apiVersion: unknown
  readonly kind: unknown
}): FieldPath | undefined {
  if (typeof object.apiVersion !== 'string' || typeof object.kind !== 'string') return undefined
  const slash = object.apiVersion.indexOf('/')
  return POD_PATHS.get(`${slash === -1 ? '' : object.apiVersion.slice(0, slash)}/${object.kind}`)
}

export interface ContainerAt {
  /** Path of the container in the object. */
  readonly path: FieldPath
  readonly name: string
  readonly type: 'container' | 'init' | 'ephemeral'
  readonly image: string | undefined
}

const CONTAINER_LISTS = [
  ['initContainers', 'init'],
  ['containers', 'container'],
  ['ephemeralContainers', 'ephemeral'],
] as const

/** Every container of a workload, in the order in which they start. */
export function containersOf(object: KubeObject): readonly ContainerAt[] {
  const podPath = podPathOf(object)
  if (podPath === undefined) return []
  return CONTAINER_LISTS.flatMap(([list, type]) => {
    const listPath = [...podPath, 'spec', list]
    return itemsOf(valueAt(object, listPath)).map((item, at) => ({
      path: [...listPath, at],
      name: stringOf(fieldsOf(item).name) ?? '',
      type,
      image: stringOf(fieldsOf(item).image),
    }))
  })
}
