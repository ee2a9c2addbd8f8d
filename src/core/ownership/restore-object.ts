import type { KubeObject, ManagedFieldsEntry } from '../kube-object.js'
import type { FieldChange } from './field-changes.js'
import { type FieldPath, formatFieldPath, getAtPath, removeAtPath, setAtPath } from './field-path.js'
import { isMap, sameJson } from './json.js'
import { leavesOf, orderField } from './leaves.js'
import { fieldsOf, listKeys, ownedPaths, pathKey, type RawPath, toFieldPath } from './managed-fields.js'
import { restartManager } from './marks.js'

export interface Restoration {
  /** The live object with the older values put back. */
  readonly object: KubeObject
  /** Whether `object` differs from the live one. */
  readonly changed: boolean
  /** Fields that were put back or taken away again, as the API server writes paths. */
  readonly restored: readonly string[]
  /** Fields that somebody changed after devloop did; they stay. */
  readonly left: readonly string[]
  /** What `managedFields` must be so that the owners from before own their fields again and devloop owns none. */
  readonly managedFields: readonly ManagedFieldsEntry[]
}

export interface RestoreInput {
  readonly live: KubeObject
  /** The object as it was before devloop's first write. */
  readonly snapshot: KubeObject
  readonly changes: readonly FieldChange[]
  readonly manager: string
}

/** Puts back what devloop changed on an object that was there before, wherever the value is still devloop's. */
export function restoreObject({ live, snapshot, changes, manager }: RestoreInput): Restoration {
  const keys = listKeys(
    [live, snapshot],
    changes.map(change => change.path),
  )
  const leaves = leavesOf(live, keys)
  const valueNow = (change: FieldChange) => leaves.get(pathKey(change.path))?.value
  const ours = changes.filter(change => sameJson(valueNow(change), change.after))
  const back = ours.filter(change => !isOrder(change.path))
  // Somebody may have put the older value back by hand: nothing is left to do, and nothing to tell.
  const left = changes.filter(
    change => !ours.includes(change) && !isOrder(change.path) && !sameJson(valueNow(change), change.before),
  )
  let object = back
    .filter(change => change.before === undefined)
    .sort(keysLast)
    .reduce((next, change) => removeLeaf(next, change.path), live)
  for (const change of back)
    if (change.before !== undefined) object = setAtPath(object, change.path, change.before)
  for (const change of ours) if (isOrder(change.path)) object = reorder(object, change)
  return {
    object,
    changed: !sameJson(object, live),
    restored: back.map(change => formatFieldPath(change.path)),
    left: left.map(change => formatFieldPath(change.path)),
    managedFields: ownersBefore({ live, snapshot, restored: back, manager }),
  }
}

const isOrder = (path: FieldPath) => {
  const last = path.at(-1)
  return last !== undefined && 'field' in last && last.field === orderField
}

/** An item is found by its keys, so these go when everything else of it has gone. */
function keysLast(left: FieldChange, right: FieldChange): number {
  return Number(isKeyOfItem(left.path)) - Number(isKeyOfItem(right.path))
}

function isKeyOfItem(path: FieldPath): boolean {
  const [item, last] = path.slice(-2)
  return (
    item !== undefined && last !== undefined && 'key' in item && 'field' in last && last.field in item.key
  )
}

/** Takes a leaf away, with the maps and lists that it alone filled. */
function removeLeaf(object: KubeObject, path: FieldPath): KubeObject {
  const parent = path.slice(0, -1)
  if (isKeyOfItem(path)) {
    const item = getAtPath(object, parent)
    const key = parent.at(-1)
    if (!isMap(item) || key === undefined || !('key' in key)) return object
    const onlyKeys = Object.keys(item).every(name => name in key.key)
    return onlyKeys ? removeEmpty(removeAtPath(object, parent), parent.slice(0, -1)) : object
  }
  return removeEmpty(removeAtPath(object, path), parent)
}

function removeEmpty(object: KubeObject, path: FieldPath): KubeObject {
  const value = getAtPath(object, path)
  const empty = Array.isArray(value) ? value.length === 0 : isMap(value) && Object.keys(value).length === 0
  // `spec` and `metadata` themselves stay.
  return empty && path.length > 1 ? removeEmpty(removeAtPath(object, path), path.slice(0, -1)) : object
}

function reorder(object: KubeObject, change: FieldChange): KubeObject {
  const path = change.path.slice(0, -1)
  const list = getAtPath(object, path)
  if (!Array.isArray(list) || !Array.isArray(change.before)) return object
  const order: readonly unknown[] = change.before
  const place = (item: unknown) => {
    const index = order.findIndex(
      key =>
        isMap(key) &&
        isMap(item) &&
        Object.entries(key).every(([name, value]) => sameJson(item[name], value)),
    )
    return index === -1 ? order.length : index
  }
  return setAtPath(
    object,
    path,
    list.toSorted((left, right) => place(left) - place(right)),
  )
}

interface OwnersInput {
  readonly live: KubeObject
  readonly snapshot: KubeObject
  readonly restored: readonly FieldChange[]
  readonly manager: string
}

/** Each field that is released goes back to who held it before; entries that others made since stay as they are. */
function ownersBefore({ live, snapshot, restored, manager }: OwnersInput): readonly ManagedFieldsEntry[] {
  const entries = live.metadata.managedFields ?? []
  const isOurs = (entry: ManagedFieldsEntry) =>
    (entry.manager === manager || entry.manager === restartManager) && entry.subresource === undefined
  const released = new Set<string>(restored.map(change => pathKey(change.path)))
  for (const entry of entries.filter(isOurs))
    for (const raw of ownedPaths(entry.fieldsV1)) {
      const path = toFieldPath(raw)
      if (path !== undefined) released.add(pathKey(path))
    }
  const result: ManagedFieldsEntry[] = entries.filter(entry => !isOurs(entry))
  for (const old of snapshot.metadata.managedFields ?? []) {
    if (old.subresource === 'status' || isOurs(old)) continue
    const returned = ownedPaths(old.fieldsV1).filter(raw => isReleased(raw, released))
    if (returned.length === 0) continue
    const at = result.findIndex(entry => sameManager(entry, old))
    const present = result[at]
    if (present === undefined) result.push({ ...old, fieldsV1: fieldsOf(returned) })
    else result[at] = { ...present, fieldsV1: fieldsOf(union(ownedPaths(present.fieldsV1), returned)) }
  }
  return result
}

function isReleased(raw: RawPath, released: ReadonlySet<string>): boolean {
  const path = toFieldPath(raw)
  return path !== undefined && released.has(pathKey(path))
}

function sameManager(left: ManagedFieldsEntry, right: ManagedFieldsEntry): boolean {
  return (
    left.manager === right.manager &&
    left.operation === right.operation &&
    left.subresource === right.subresource &&
    left.apiVersion === right.apiVersion
  )
}

function union(left: readonly RawPath[], right: readonly RawPath[]): readonly RawPath[] {
  const all = new Map([...left, ...right].map(path => [path.join('\u0000'), path]))
  return [...all.values()]
}
