import { formatPlace } from '../format-diagnostic.js'
import type { ApplyConflict, ApplyRejected } from '../problem.js'
import { type Explanation, linesOf, present } from './explanation.js'

/** What the API server has against an object. */
export function explainRejection(problem: ApplyRejected): Explanation {
  return {
    title: `${problem.object}: ${rejectionWords(problem)}`,
    detail: [
      ...present(problem.source && formatPlace(problem.source)),
      ...linesOf(problem.message),
      ...problem.fields.filter(field => !problem.message.includes(field)).map(field => `field: ${field}`),
    ],
    hints: hintsOf(problem),
    anchor: `apply-${problem.reason}`,
  }
}

/** What stands in the way of this very object says all that could be said of its reason in general. */
function hintsOf(problem: ApplyRejected): readonly string[] {
  const { hint, reason } = problem
  return hint !== undefined && reason === 'immutable' ? [hint] : present(hint, ...rejectionHints(problem))
}

function rejectionWords({ reason, fields }: ApplyRejected): string {
  const named = fields.length === 0 ? '' : ` (${fields.join(', ')})`
  switch (reason) {
    case 'invalid':
      return `the API server finds it invalid${named}`
    case 'unknown-field':
      return `it has a field that its kind does not have${named}`
    case 'immutable':
      return `a field that cannot change was changed${named}`
    case 'denied':
      return 'an admission webhook or policy denied it'
    case 'forbidden':
      return 'your user may not do this'
    case 'no-such-kind':
      return 'the cluster does not have this kind'
    case 'removed-kind':
      return 'Kubernetes no longer has this kind'
    case 'storage-class':
      return 'the cluster does not have its storage class'
    case 'namespace':
      return 'its namespace is missing or being deleted'
    case 'quota':
      return 'a quota of the namespace is used up'
    case 'other':
      return 'the API server refused it'
  }
}

function rejectionHints({ reason, object }: ApplyRejected): readonly string[] {
  switch (reason) {
    case 'invalid':
      return ['Correct the manifest and save; devloop applies it again.']
    case 'unknown-field':
      return ['Check the spelling and the indentation of the field.']
    case 'immutable':
      return [
        `Put the field back as it was, or delete the object yourself ("kubectl delete ${object}") if it holds nothing that you need: the next save makes it anew.`,
      ]
    case 'denied':
      return ['Change the manifest to what the policy asks for; its whole answer is above.']
    case 'forbidden':
      return ['Check with "kubectl auth can-i" whether the user of this context has the right.']
    case 'no-such-kind':
      return [
        'Install its CustomResourceDefinition first, or correct apiVersion: an old one may be gone from this version of Kubernetes.',
      ]
    case 'removed-kind':
      return ['Everything else is applied without it.']
    case 'storage-class':
      return ['It is applied as soon as the cluster has the class.']
    case 'namespace':
      return [
        'Wait until a deletion has ended, or let devloop create the namespace ("namespace: { create: true }").',
      ]
    case 'quota':
      return ['Raise the ResourceQuota of the namespace, or delete what is no longer needed.']
    case 'other':
      return []
  }
}

export function explainConflict(problem: ApplyConflict): Explanation {
  const managers = [...new Set(problem.conflicts.map(conflict => conflict.manager))]
  return {
    title: `${problem.object}: ${managers.join(' and ') || 'another manager'} holds fields that the manifest sets`,
    detail: [
      ...present(problem.source && formatPlace(problem.source)),
      ...problem.conflicts.map(conflict => `${conflict.field} is held by ${conflict.manager}`),
    ],
    hints: [
      'Remove these fields from the manifest, if the other one is to decide (as an autoscaler does over replicas).',
      'Stop the other one, if the manifest is to decide; "kubectl get --show-managed-fields -o yaml" shows who holds what.',
    ],
    anchor: 'apply-conflict',
  }
}
