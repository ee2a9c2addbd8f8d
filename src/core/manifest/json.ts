/**
 * JSON of a Kubernetes object. Unlike JSON.stringify it writes a bigint (an integer that a double cannot hold) as the plain number that it is,
 * and, with `sortKeys`, is the same for equal objects whatever the order of their keys.
 */
export function stringifyJson(
  value: unknown,
  options: { readonly sortKeys: boolean } = { sortKeys: false },
): string {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(item => stringifyJson(item, options)).join(',')}]`
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  if (options.sortKeys) entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${stringifyJson(item, options)}`).join(',')}}`
}
