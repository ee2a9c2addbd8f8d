/**
 * Computes something of an immutable value once, for as long as the value is in use. The questions that planner, screens and `--once` ask of
 * one state are the same, and are asked for every event.
 */
export function memo<K extends object, T>(compute: (key: K) => T): (key: K) => T {
  const known = new WeakMap<K, { readonly value: T }>()
  return key => {
    const before = known.get(key)
    if (before !== undefined) return before.value
    const value = compute(key)
    known.set(key, { value })
    return value
  }
}
