import type { KubeObject, ObjectRef } from '../kube-object.js'
import { changesOfLostWrite, type FieldChange, mergeChanges } from './field-changes.js'
import type { JournalEntry } from './journal-entry.js'
import { fieldManager } from './marks.js'

/**
 * What devloop has to do with one object.
 *
 *   intent ──created──► created ──released──► (gone)
 *   (none) ──adopted──► adopted ──released──► (gone)
 */
export type OwnedObject = {
  readonly key: string
  readonly ref: ObjectRef
  readonly applied?: AppliedRecord
} & (
  | { readonly origin: 'intent'; readonly token: string }
  | { readonly origin: 'created'; readonly token: string | undefined; readonly uid: string }
  | {
      readonly origin: 'adopted'
      readonly token: string
      readonly uid: string
      readonly snapshot: KubeObject
      readonly revisions: readonly string[]
      readonly changes: readonly FieldChange[]
      /** The object as it was before a write whose answer is not known. */
      readonly writing?: KubeObject
    }
)

export interface AppliedRecord {
  readonly uid: string
  readonly hash: string
  readonly generation?: number
  readonly resourceVersion: string
  readonly object: KubeObject
  readonly left: readonly string[]
  readonly save?: number
}

export interface JournalState {
  /** UID of the cluster that the objects are in. */
  readonly clusterUid: string | undefined
  /** The cluster that devloop made for this project. */
  readonly clusterCreated:
    | { readonly provider: string; readonly name: string; readonly uid?: string }
    | undefined
  /** By refKey, in the order in which devloop came to them. */
  readonly objects: ReadonlyMap<string, OwnedObject>
  readonly foreignVolumes: ReadonlySet<string>
}

export const emptyJournal: JournalState = {
  clusterUid: undefined,
  clusterCreated: undefined,
  objects: new Map(),
  foreignVolumes: new Set(),
}

/** Whether `down` has nothing to do. */
export function isNothingOwned(state: JournalState): boolean {
  return state.objects.size === 0
}

export function reduceJournal(
  entries: readonly JournalEntry[],
  start: JournalState = emptyJournal,
): JournalState {
  const objects = new Map(start.objects)
  const foreignVolumes = new Set(start.foreignVolumes)
  let { clusterUid, clusterCreated } = start
  for (const entry of entries)
    switch (entry.type) {
      case 'cluster-created':
        clusterCreated = { provider: entry.provider, name: entry.name }
        break
      case 'cluster-released':
        clusterCreated = undefined
        break
      case 'cluster-bound':
        if (clusterUid !== undefined && clusterUid !== entry.uid) {
          objects.clear()
          foreignVolumes.clear()
          // Another cluster under this name is ours only if we said so just before it came.
          if (clusterCreated?.uid !== undefined) clusterCreated = undefined
        }
        clusterUid = entry.uid
        if (clusterCreated !== undefined) clusterCreated = { ...clusterCreated, uid: entry.uid }
        break
      case 'released':
        objects.delete(entry.key)
        break
      case 'foreign-volume':
        foreignVolumes.add(entry.uid)
        break
      case 'intent': {
        const { key, ref, token } = entry
        objects.delete(key)
        objects.set(key, { key, ref, token, origin: 'intent' })
        break
      }
      case 'kept-volume': {
        const { key, ref, uid } = entry
        const known = objects.get(key)
        objects.set(key, {
          ...(known?.applied === undefined ? {} : { applied: known.applied }),
          token: known?.token,
          key,
          ref,
          uid,
          origin: 'created',
        })
        break
      }
      case 'adopted': {
        const { type: _type, changes = [], ...adopted } = entry
        objects.delete(entry.key)
        objects.set(entry.key, { ...adopted, origin: 'adopted', changes })
        break
      }
      case 'created':
      case 'writing':
      case 'applied': {
        const object = objects.get(entry.key)
        if (object !== undefined) objects.set(entry.key, advance(object, entry))
        break
      }
      default:
        // A newer devloop's entry: what it means is not known here, so it changes nothing.
        entry satisfies never
    }
  return { clusterUid, clusterCreated, objects, foreignVolumes }
}

function advance(
  object: OwnedObject,
  entry: Extract<JournalEntry, { type: 'created' | 'writing' | 'applied' }>,
): OwnedObject {
  switch (entry.type) {
    case 'created':
      return { key: object.key, ref: object.ref, token: object.token, origin: 'created', uid: entry.uid }
    case 'writing':
      if (object.origin !== 'adopted') return object
      return settle(object, entry.before)
    case 'applied': {
      const { type: _type, key: _key, changes = [], ...applied } = entry
      if (object.origin !== 'adopted') return { ...object, applied }
      const { writing: _done, ...settled } = object
      return { ...settled, applied, changes: mergeChanges(object.changes, changes) }
    }
  }
}

/** Takes in what a write did whose answer was lost, now that the object has been seen again. */
export function settle(
  object: Extract<OwnedObject, { origin: 'adopted' }>,
  live: KubeObject,
): Extract<OwnedObject, { origin: 'adopted' }> {
  const { writing, ...rest } = object
  if (writing === undefined) return { ...rest, writing: live }
  const lost = changesOfLostWrite(writing, live, fieldManager)
  return { ...rest, changes: mergeChanges(object.changes, lost), writing: live }
}

/** The shortest list of entries that gives this state. */
export function compactJournal(state: JournalState): readonly JournalEntry[] {
  const entries: JournalEntry[] = []
  const { clusterCreated: cluster, clusterUid } = state
  if (cluster !== undefined && cluster.uid !== undefined)
    entries.push({ type: 'cluster-created', provider: cluster.provider, name: cluster.name })
  if (clusterUid !== undefined) entries.push({ type: 'cluster-bound', uid: clusterUid })
  if (cluster !== undefined && cluster.uid === undefined)
    entries.push({ type: 'cluster-created', provider: cluster.provider, name: cluster.name })
  for (const uid of state.foreignVolumes) entries.push({ type: 'foreign-volume', uid })
  for (const object of state.objects.values()) entries.push(...entriesOf(object))
  return entries
}

function entriesOf(object: OwnedObject): readonly JournalEntry[] {
  const { key, ref } = object
  const applied: readonly JournalEntry[] =
    object.applied === undefined ? [] : [{ type: 'applied', key, ...object.applied }]
  switch (object.origin) {
    case 'intent':
      return [{ type: 'intent', key, ref, token: object.token }]
    case 'created':
      return object.token === undefined
        ? [{ type: 'kept-volume', key, ref, uid: object.uid }, ...applied]
        : [
            { type: 'intent', key, ref, token: object.token },
            { type: 'created', key, uid: object.uid },
            ...applied,
          ]
    case 'adopted': {
      const { uid, token, snapshot, revisions, changes, writing } = object
      const before: readonly JournalEntry[] =
        writing === undefined ? [] : [{ type: 'writing', key, before: writing }]
      return [{ type: 'adopted', key, ref, uid, token, snapshot, revisions, changes }, ...applied, ...before]
    }
  }
}
