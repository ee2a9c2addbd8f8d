import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { admit, immutableChange } from '../../core/embedded/admit.js'
import {
  applyFields,
  type FieldConflict,
  type Managers,
  managedFieldsOf,
  objectOf,
} from '../../core/embedded/server-side-apply.js'
import { apiGroup, type KubeObject, type ObjectRef, refKey, refOf } from '../../core/kube-object.js'
import { err, ok, type Result } from '../../core/result.js'

export interface StoreChange {
  readonly type: 'set' | 'gone'
  readonly object: KubeObject
}

export type StoreRefusal =
  | { readonly kind: 'conflict'; readonly conflicts: readonly FieldConflict[] }
  | { readonly kind: 'moved' }
  | { readonly kind: 'immutable'; readonly field: string }

export interface StoreApplied {
  readonly object: KubeObject
  readonly created: boolean
  readonly warnings: readonly string[]
}

/** The objects of one embedded cluster, in memory. Every change is told, in order, before the call that made it returns. */
export interface ObjectStore {
  get(ref: ObjectRef): KubeObject | undefined
  /** Of one kind, in the order of their making. */
  list(
    kind: { readonly apiVersion: string; readonly kind: string },
    namespace?: string,
  ): readonly KubeObject[]
  all(): readonly KubeObject[]
  apply(
    object: KubeObject,
    options: { readonly fieldManager: string; readonly force: boolean; readonly dryRun?: boolean },
  ): Result<StoreApplied, StoreRefusal>
  /** Replaces an object as it was read; `moved` where it has changed since. */
  replace(object: KubeObject, fieldManager: string): Result<KubeObject, StoreRefusal>
  /** Makes an object of a controller; a name that ends in `-` gets the rest of it here. */
  create(object: KubeObject): KubeObject
  /** Changes an object in place of a controller, if it is the one of that UID and still there. */
  update(object: KubeObject, change: (present: KubeObject) => KubeObject): void
  remove(object: KubeObject): void
  subscribe(listener: (change: StoreChange) => void): () => void
}

interface Entry {
  readonly object: KubeObject
  readonly managers: Managers
}

/** Annotations that controllers set on objects of others. */
const CONTROLLERS = /^deployment\.kubernetes\.io\/|^deprecated\.daemonset\./

export function createObjectStore(now: () => number): ObjectStore {
  const kinds = new Map<string, Map<string, Entry>>()
  const listeners = new Set<(change: StoreChange) => void>()
  let version = 0

  const entriesOf = (apiVersion: string, kind: string): Map<string, Entry> => {
    const key = `${apiGroup(apiVersion)}/${kind}`
    const entries = kinds.get(key) ?? new Map<string, Entry>()
    kinds.set(key, entries)
    return entries
  }
  const entryOf = (ref: ObjectRef) => entriesOf(ref.apiVersion, ref.kind).get(refKey(ref))
  const tell = (change: StoreChange): void => {
    for (const listener of [...listeners]) listener(change)
  }
  const set = (object: KubeObject, managers: Managers): KubeObject => {
    version++
    const stored: KubeObject = {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(version) },
    }
    entriesOf(object.apiVersion, object.kind).set(refKey(refOf(object)), { object: stored, managers })
    tell({ type: 'set', object: stored })
    return stored
  }
  const born = () => ({
    uid: randomUUID(),
    creationTimestamp: new Date(now()).toISOString(),
    generation: 1,
  })
  const versionedAs = (before: KubeObject, content: KubeObject): number =>
    (before.metadata.generation ?? 0) + Number(!isDeepStrictEqual(before.spec, content.spec))
  const isMoved = ({ metadata }: KubeObject, before: KubeObject | undefined): boolean =>
    (metadata.uid !== undefined && metadata.uid !== before?.metadata.uid) ||
    (metadata.resourceVersion !== undefined && metadata.resourceVersion !== before?.metadata.resourceVersion)

  return {
    get: ref => entryOf(ref)?.object,
    list: ({ apiVersion, kind }, namespace) =>
      [...entriesOf(apiVersion, kind).values()]
        .map(({ object }) => object)
        .filter(object => namespace === undefined || object.metadata.namespace === namespace),
    all: () => [...kinds.values()].flatMap(entries => [...entries.values()].map(({ object }) => object)),

    apply(object, { fieldManager, force, dryRun }) {
      const entry = entryOf(refOf(object))
      const before = entry?.object
      if (isMoved(object, before)) return err({ kind: 'moved' })
      const merged = applyFields(entry?.managers ?? new Map(), object, { fieldManager, force })
      if (!merged.ok) return err({ kind: 'conflict', conflicts: merged.error })
      const managers = merged.value
      const { object: content, warnings } = admit(objectOf(managers))
      const field = before === undefined ? undefined : immutableChange(before, content)
      if (field !== undefined) return err({ kind: 'immutable', field })
      const next = made(content, before, managers, versionedAs, born)
      if (before !== undefined && isDeepStrictEqual(next, before))
        return ok({ object: before, created: false, warnings: [] })
      const created = before === undefined
      const told = created ? warnings : []
      if (dryRun === true) return ok({ object: next, created, warnings: told })
      return ok({ object: set(next, managers), created, warnings: told })
    },

    replace(object, fieldManager) {
      const entry = entryOf(refOf(object))
      if (entry === undefined || isMoved(object, entry.object)) return err({ kind: 'moved' })
      const merged = applyFields(new Map(), object, { fieldManager, force: true })
      const generation = versionedAs(entry.object, object)
      const managers = merged.ok ? merged.value : entry.managers
      return ok(set({ ...object, metadata: { ...object.metadata, generation } }, managers))
    },

    create(object) {
      const { name } = object.metadata
      const whole = name.endsWith('-') ? `${name}${randomUUID().slice(0, 5)}` : name
      return set({ ...object, metadata: { ...object.metadata, name: whole, ...born() } }, new Map())
    },

    update(object, change) {
      const entry = entryOf(refOf(object))
      if (entry === undefined || entry.object.metadata.uid !== object.metadata.uid) return
      const next = change(entry.object)
      if (!isDeepStrictEqual(next, entry.object)) set(next, entry.managers)
    },

    remove(object) {
      const entries = entriesOf(object.apiVersion, object.kind)
      const entry = entries.get(refKey(refOf(object)))
      if (entry === undefined || entry.object.metadata.uid !== object.metadata.uid) return
      entries.delete(refKey(refOf(object)))
      tell({ type: 'gone', object: entry.object })
    },

    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** The object as it is stored: what was applied, with what the API server and controllers keep on it. */
function made(
  content: KubeObject,
  before: KubeObject | undefined,
  managers: Managers,
  versionedAs: (before: KubeObject, content: KubeObject) => number,
  born: () => { readonly uid: string; readonly creationTimestamp: string; readonly generation: number },
): KubeObject {
  const kept = Object.entries(before?.metadata.annotations ?? {}).filter(([name]) => CONTROLLERS.test(name))
  const annotations = { ...Object.fromEntries(kept), ...content.metadata.annotations }
  const { uid, creationTimestamp, resourceVersion, deletionTimestamp } = before?.metadata ?? {}
  const status = content.status ?? before?.status
  return {
    ...content,
    metadata: {
      ...content.metadata,
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ...(before === undefined
        ? born()
        : {
            ...(uid === undefined ? {} : { uid }),
            ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
            ...(resourceVersion === undefined ? {} : { resourceVersion }),
            ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
            generation: versionedAs(before, content),
          }),
      managedFields: managedFieldsOf(managers, content.apiVersion),
    },
    ...(status === undefined ? {} : { status }),
  }
}
