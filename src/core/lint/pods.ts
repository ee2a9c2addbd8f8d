import { type FieldPath, type Fields, fieldsOf, itemsOf, valueAt } from '../manifest/fields.js'
import type { LinkedObject } from '../manifest/link.js'
import { podPathOf } from '../manifest/pod-template.js'

export interface ContainerOf {
  readonly path: FieldPath
  readonly fields: Fields
  /** Runs beside the others for as long as the pod does. */
  readonly lasting: boolean
}

/** The containers of a workload's pods. */
export function podContainers(object: LinkedObject): readonly ContainerOf[] {
  const root = podPathOf(object.ref)
  if (root === undefined) return []
  return ['initContainers', 'containers'].flatMap(list => {
    const path = [...root, 'spec', list]
    return itemsOf(valueAt(object.object, path)).map((container, at) => {
      const fields = fieldsOf(container)
      const lasting = list === 'containers' || fields.restartPolicy === 'Always'
      return { path: [...path, at], fields, lasting }
    })
  })
}

/** The labels of the pods that a workload makes. */
export function podLabels(object: LinkedObject): Fields | undefined {
  const root = podPathOf(object.ref)
  return root === undefined ? undefined : fieldsOf(valueAt(object.object, [...root, 'metadata', 'labels']))
}

/** Whether labels are what a plain selector asks for. An empty selector is left to those who know what it means. */
export function selects(selector: Fields, labels: Fields | undefined): boolean {
  const wanted = Object.entries(selector)
  return labels !== undefined && wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value)
}
