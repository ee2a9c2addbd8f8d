import { displayRef } from '../kube-object.js'
import type { LinkedObject } from '../manifest/link.js'
import { removedKind } from '../manifest/removed-kinds.js'
import { inSuccessor, successorOf } from '../manifest/successors.js'
import type { LintFinding } from './lint-finding.js'

/** Versions that Kubernetes has dropped, for where no cluster was asked what it serves. */
export function lintVersions(objects: readonly LinkedObject[]): readonly LintFinding[] {
  return objects.flatMap((object): LintFinding[] => {
    const { ref } = object
    const removed = removedKind(ref)
    const successor = successorOf(ref)
    if (successor !== undefined && (removed === undefined || inSuccessor(object.object) !== undefined))
      return [
        {
          object,
          path: ['apiVersion'],
          message: `${displayRef(ref)} is in ${ref.apiVersion}, gone since Kubernetes ${successor.removedIn}: where a cluster lacks it, it is applied as ${successor.apiVersion}`,
          suggestion: `write apiVersion: ${successor.apiVersion}`,
        },
      ]
    if (removed === undefined) return []
    const message = `${displayRef(ref)} is of ${ref.apiVersion} ${ref.kind}, gone since Kubernetes ${removed.removedIn}, and is not applied where a cluster lacks it`
    return [{ object, path: ['apiVersion'], message, suggestion: removed.remedy }]
  })
}
