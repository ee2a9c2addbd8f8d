import { type KubeObject, refKey, refOf } from '../../core/kube-object.js'
import { diffObjects } from '../../core/ownership/field-changes.js'
import { saveAnnotation } from '../../core/ownership/marks.js'
import { objectHash, withoutSecretValues } from '../../core/ownership/object-hash.js'
import type { Journal } from '../../ports/journal.js'
import type { ApplyOutcome, ApplyRequest } from './apply-types.js'

/** The number of the save that a live object was last written for. */
export function savedOf(live: KubeObject): number | undefined {
  const text = live.metadata.annotations?.[saveAnnotation]
  return text === undefined ? undefined : Number(text)
}

/** What the journal keeps of an apply that was done. */
export function appliedEntry(
  journal: Journal,
  { object, save }: ApplyRequest,
  after: KubeObject,
  left: readonly string[],
  before?: KubeObject,
) {
  const { uid = '', generation, resourceVersion = '' } = after.metadata
  return {
    type: 'applied' as const,
    key: refKey(refOf(object)),
    uid,
    hash: objectHash(object, journal.hashKey),
    ...(generation === undefined ? {} : { generation }),
    resourceVersion,
    object: withoutSecretValues(object, journal.hashKey),
    left,
    ...(save === undefined ? {} : { save }),
    ...(before === undefined ? {} : { changes: diffObjects(before, after) }),
  }
}

export function outcomeOf(
  outcome: ApplyOutcome['outcome'],
  object: KubeObject,
  notices: readonly string[],
): ApplyOutcome {
  const { uid = '', generation = 0, resourceVersion = '' } = object.metadata
  return { outcome, uid, generation, resourceVersion, live: object, notices }
}
