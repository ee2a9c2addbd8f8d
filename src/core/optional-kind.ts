import { apiGroup, type ObjectRef } from './kube-object.js'
import type { Problem } from './problem.js'

/**
 * Whether an object was not applied for the want of its kind, and nobody misses it: the Gateway API is an add-on, and a project that routes by Ingress or
 * through devloop on one cluster may route by Gateways on another.
 */
export function isLeftOut(ref: Pick<ObjectRef, 'apiVersion'>, problem: Problem): boolean {
  return (
    problem.kind === 'apply-rejected' &&
    problem.reason === 'no-such-kind' &&
    isOptionalGroup(apiGroup(ref.apiVersion))
  )
}

/** Whether a CustomResourceDefinition, by its name `PLURAL.GROUP`, makes a kind that may have been left out. */
function isOptionalGroup(group: string): boolean {
  return group === 'gateway.networking.k8s.io'
}
