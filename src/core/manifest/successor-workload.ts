import type { KubeObject } from '../kube-object.js'
import { fieldsOf, valueAt } from './fields.js'

/**
 * A workload of `extensions/v1beta1`, `apps/v1beta1` or `apps/v1beta2` as `apps/v1` has it: the selector, which was by default the labels of the pods, is
 * written out, and fields that have gone since are left out.
 */
export function workloadOfV1(object: KubeObject): KubeObject {
  const { rollbackTo: _rollback, templateGeneration: _generation, selector, ...spec } = fieldsOf(object.spec)
  const labels = valueAt(spec, ['template', 'metadata', 'labels'])
  const given = fieldsOf(selector)
  const hasSelector = given.matchLabels !== undefined || given.matchExpressions !== undefined
  return { ...object, spec: { ...spec, selector: hasSelector ? selector : { matchLabels: labels } } }
}
