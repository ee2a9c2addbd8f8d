import type { PrerequisiteKind } from './event.js'
import { apiGroup } from './kube-object.js'
import { storageClaimsOf } from './manifest/storage-classes.js'
import { isLeftOut } from './optional-kind.js'
import type { ObjectState, State } from './state.js'

/** Kinds of which an object is waited for that no retry brings: watched for, so that nothing is asked at rest. */
export function awaitedKinds(state: State): readonly PrerequisiteKind[] {
  const kinds = Object.values(state.objects).flatMap(object => awaitedKind(object) ?? [])
  return [...new Set(kinds)]
}

function awaitedKind({ apply, linked }: ObjectState): PrerequisiteKind | undefined {
  if (apply.kind !== 'failed') return undefined
  if (apply.problem.kind === 'apply-rejected' && apply.problem.reason === 'storage-class')
    return 'StorageClass'
  return isLeftOut(linked.ref, apply.problem) ? 'CustomResourceDefinition' : undefined
}

/** Whether an object may be applied now that this is there. A CustomResourceDefinition is named `PLURAL.GROUP`. */
export function waitsFor(object: ObjectState, kind: PrerequisiteKind, name: string): boolean {
  if (awaitedKind(object) !== kind) return false
  return kind === 'StorageClass'
    ? storageClaimsOf(object.linked.object).some(({ className }) => className === name)
    : name.endsWith(`.${apiGroup(object.linked.ref.apiVersion)}`)
}
