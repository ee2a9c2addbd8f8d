/**
 * Keys that are designed but that this version does not have; `*` stands for a service's name or a place in a list. They are refused like any unknown
 * key, with words that say so. When the schema gets one, its line here goes.
 */
const laterKeys: Readonly<Record<string, readonly string[]>> = {
  cluster: ['process'],
}

/** Whether a later version has this key in the mapping at `path`. */
export function isLaterKey(path: readonly (string | number)[], key: string): boolean {
  const pattern = path.map((segment, index) => (index === 1 ? '*' : segment)).join('.')
  return laterKeys[pattern]?.includes(key) ?? false
}
