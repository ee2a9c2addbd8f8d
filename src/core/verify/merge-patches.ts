import { fieldsOf, isFields, itemsOf } from '../manifest/fields.js'

type Patch = Readonly<Record<string, unknown>>

/** Strategic merge patches of one workload as one: maps merge, and so do the entries of lists that have the same `name`. */
export function mergePatches(patches: readonly Patch[]): Patch | undefined {
  return patches.length === 0 ? undefined : patches.reduce((merged, patch) => merge(merged, patch))
}

function merge(left: Patch, right: Patch): Patch {
  const merged: Record<string, unknown> = { ...left }
  for (const [key, value] of Object.entries(right)) {
    const before = merged[key]
    merged[key] =
      isFields(before) && isFields(value)
        ? merge(before, value)
        : Array.isArray(before) && Array.isArray(value)
          ? mergeLists(before, value)
          : value
  }
  return merged
}

function mergeLists(left: readonly unknown[], right: readonly unknown[]): readonly unknown[] {
  const merged = [...left]
  for (const item of itemsOf(right)) {
    const at = merged.findIndex(other => fieldsOf(other).name === fieldsOf(item).name)
    if (at === -1) merged.push(item)
    else merged[at] = merge(fieldsOf(merged[at]), fieldsOf(item))
  }
  return merged
}
