import type { KubeObject } from '../kube-object.js'
import { valueAt, withValueAt } from '../manifest/fields.js'
import { numberAt } from '../observe/fields.js'

export interface Admitted {
  readonly object: KubeObject
  /** What is otherwise here than in a cluster, said when the object is made. */
  readonly warnings: readonly string[]
}

/** What the embedded provider makes of an object as it was applied: one replica of each workload, and a claim that is bound. */
export function admit(object: KubeObject): Admitted {
  switch (object.kind) {
    case 'Deployment':
    case 'StatefulSet':
    case 'ReplicaSet':
      return oneOf(object, ['spec', 'replicas'], 'replicas')
    case 'Job':
      return oneOf(object, ['spec', 'parallelism'], 'pods at a time')
    case 'CronJob':
      return { object, warnings: [`cronjob/${object.metadata.name} is kept, but no schedule runs here`] }
    case 'HorizontalPodAutoscaler':
      return {
        object,
        warnings: [
          `horizontalpodautoscaler/${object.metadata.name} is kept, but scales nothing: each workload is one process here`,
        ],
      }
    case 'PersistentVolumeClaim':
      return {
        object: withValueAt(object, ['status', 'phase'], 'Bound'),
        warnings: [
          `persistentvolumeclaim/${object.metadata.name} holds nothing here: programs write to this machine's own files`,
        ],
      }
    default:
      return { object, warnings: [] }
  }
}

function oneOf(object: KubeObject, path: readonly string[], what: string): Admitted {
  const wanted = numberAt(object, ...path)
  if (wanted === undefined || wanted <= 1) return { object, warnings: [] }
  return {
    object: withValueAt(object, path, 1),
    warnings: [
      `${object.kind.toLowerCase()}/${object.metadata.name} runs as one process here, not ${wanted} ${what}`,
    ],
  }
}

/** Fields of a spec that the API server lets nobody change, by kind. */
const IMMUTABLE: Readonly<Record<string, readonly (readonly string[])[]>> = {
  Deployment: [['selector']],
  DaemonSet: [['selector']],
  StatefulSet: [['selector'], ['serviceName'], ['volumeClaimTemplates']],
  Job: [['selector'], ['template'], ['completions']],
  Pod: [['containers'], ['initContainers'], ['restartPolicy'], ['volumes']],
}

/** The field that cannot change and does, as the API server names it; undefined where there is none. */
export function immutableChange(before: KubeObject, after: KubeObject): string | undefined {
  const path = (IMMUTABLE[after.kind] ?? []).find(
    field =>
      JSON.stringify(valueAt(before.spec, field) ?? null) !==
      JSON.stringify(valueAt(after.spec, field) ?? null),
  )
  return path === undefined ? undefined : `spec.${path.join('.')}`
}
