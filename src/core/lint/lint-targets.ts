import { apiGroup, displayRef } from '../kube-object.js'
import { fieldsOf, valueAt } from '../manifest/fields.js'
import type { LinkedObject } from '../manifest/link.js'
import type { LintFinding } from './lint-finding.js'
import { podLabels, selects } from './pods.js'

/** Autoscalers of workloads that are not there, and disruption budgets that select no pods. */
export function lintTargets(objects: readonly LinkedObject[]): readonly LintFinding[] {
  return objects.flatMap((object): readonly LintFinding[] => {
    const { ref } = object
    const group = apiGroup(ref.apiVersion)
    if (group === 'autoscaling' && ref.kind === 'HorizontalPodAutoscaler')
      return ofAutoscaler(object, objects)
    if (group !== 'policy' || ref.kind !== 'PodDisruptionBudget') return []
    const selector = fieldsOf(valueAt(object.object, ['spec', 'selector', 'matchLabels']))
    const hasMore = valueAt(object.object, ['spec', 'selector', 'matchExpressions']) !== undefined
    const isMet = objects.some(
      other => other.ref.namespace === ref.namespace && selects(selector, podLabels(other)),
    )
    if (isMet || hasMore || Object.keys(selector).length === 0) return []
    const message = `the selector of ${displayRef(ref)} matches the pods of no workload in these manifests`
    return [{ object, path: ['spec', 'selector'], message }]
  })
}

function ofAutoscaler(object: LinkedObject, objects: readonly LinkedObject[]): readonly LintFinding[] {
  const { kind, name, apiVersion } = fieldsOf(valueAt(object.object, ['spec', 'scaleTargetRef']))
  if (typeof kind !== 'string' || typeof name !== 'string') return []
  // Custom resources can be scaled, too; their operators make them.
  if (typeof apiVersion === 'string' && apiGroup(apiVersion) !== 'apps') return []
  const isThere = objects.some(
    ({ ref }) => ref.namespace === object.ref.namespace && ref.kind === kind && ref.name === name,
  )
  if (isThere) return []
  const message = `${displayRef(object.ref)} scales ${kind.toLowerCase()}/${name}, which no manifest makes`
  return [{ object, path: ['spec', 'scaleTargetRef', 'name'], message }]
}
