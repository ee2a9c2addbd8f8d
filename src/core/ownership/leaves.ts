import type { KubeObject } from '../kube-object.js'
import type { FieldPath } from './field-path.js'
import { isMap } from './json.js'
import { type ListKeys, pathKey, schemaPlace } from './managed-fields.js'

export interface Leaf {
  readonly path: FieldPath
  readonly value: unknown
}

/** Of the metadata only these belong to people; the rest is the API server's. */
const metadataFields = ['labels', 'annotations', 'finalizers', 'ownerReferences']

/**
 * The object taken apart into its smallest values: scalars, lists without keys, and empty maps and lists. Two objects differ exactly where
 * their leaves differ. Status and the API server's own metadata are left out. The order of a keyed list is a leaf of its own, under the step
 * `{ field: '#order' }`, which no API field can be named.
 */
export function leavesOf(object: KubeObject, keys: ListKeys): ReadonlyMap<string, Leaf> {
  const leaves = new Map<string, Leaf>()
  const add = (path: FieldPath, value: unknown) => leaves.set(pathKey(path), { path, value })
  const walk = (path: FieldPath, value: unknown): void => {
    if (Array.isArray(value) && value.length > 0) {
      const names = keys.get(schemaPlace(path))
      const items = names === undefined ? undefined : keyedItems(value, names)
      if (items === undefined) return void add(path, value)
      if (items.length > 1)
        add(
          [...path, { field: orderField }],
          items.map(item => item.key),
        )
      for (const { key, item } of items) walk([...path, { key }], item)
      return
    }
    if (!isMap(value) || Object.keys(value).length === 0) return void add(path, value)
    for (const [name, below] of Object.entries(value))
      if (below !== undefined) walk([...path, { field: name }], below)
  }
  for (const [name, value] of Object.entries(object))
    if (!['apiVersion', 'kind', 'metadata', 'status'].includes(name) && value !== undefined)
      walk([{ field: name }], value)
  for (const name of metadataFields)
    if (object.metadata[name] !== undefined)
      walk([{ field: 'metadata' }, { field: name }], object.metadata[name])
  return leaves
}

export const orderField = '#order'

export interface KeyedItem {
  readonly key: Readonly<Record<string, unknown>>
  readonly item: Readonly<Record<string, unknown>>
}

/** Undefined where an item lacks a key or two items share one: then the list is one value. */
function keyedItems(list: readonly unknown[], names: readonly string[]): readonly KeyedItem[] | undefined {
  const items: KeyedItem[] = []
  const seen = new Set<string>()
  for (const item of list) {
    if (!isMap(item)) return undefined
    const key = Object.fromEntries(names.map(name => [name, item[name]]))
    if (Object.values(key).includes(undefined)) return undefined
    const text = pathKey([{ key }])
    if (seen.has(text)) return undefined
    seen.add(text)
    items.push({ key, item })
  }
  return items
}
