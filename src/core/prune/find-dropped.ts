import type { KubeObject } from '../kube-object.js'
import type { LinkedManifests } from '../manifest/link.js'
import type { JournalState, OwnedObject } from '../ownership/journal-state.js'
import { claimPattern } from '../ownership/stateful-volumes.js'
import type { DroppedObject } from './prune-state.js'

export interface DroppedCandidate extends DroppedObject {
  readonly uid: string
}

/**
 * What the journal has and the manifests do not. Left out: intents, which nobody knows the end of; claims that a StatefulSet of the manifests takes up;
 * and what the manifests have under another group, which is the same object by its UID.
 */
export function findDropped(
  journal: JournalState,
  { objects, unselected = [] }: Pick<LinkedManifests, 'objects' | 'unselected'>,
): readonly DroppedCandidate[] {
  const all = [...objects, ...unselected]
  const keys = new Set(all.map(({ key }) => key))
  const sets = all.map(({ object }) => object).filter(({ kind }) => kind === 'StatefulSet')
  const wanted = new Set(
    [...journal.objects.values()].flatMap(object =>
      keys.has(object.key) && object.origin !== 'intent' ? [object.uid] : [],
    ),
  )
  return [...journal.objects.values()].flatMap((object): readonly DroppedCandidate[] => {
    if (object.origin === 'intent' || keys.has(object.key) || wanted.has(object.uid)) return []
    if (isClaimOf(object, sets)) return []
    const { key, ref, origin, uid } = object
    return [{ key, ref, uid, origin, isGuarded: origin === 'created' && isGuarded(object) }]
  })
}

function isClaimOf({ ref }: OwnedObject, sets: readonly KubeObject[]): boolean {
  if (ref.kind !== 'PersistentVolumeClaim') return false
  return sets.some(
    set => set.metadata.namespace === ref.namespace && claimPattern(set)?.test(ref.name) === true,
  )
}

function isGuarded({ ref: { kind, apiVersion } }: OwnedObject): boolean {
  if (kind === 'CustomResourceDefinition') return true
  return apiVersion === 'v1' && ['Namespace', 'PersistentVolume', 'PersistentVolumeClaim'].includes(kind)
}
