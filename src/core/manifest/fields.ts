/** A JSON object of unknown shape. */
export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The fields of a JSON object; none where it is anything else. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {}
}

/** The items of a JSON list; none where it is anything else. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** A place in a JSON value: keys and list positions from the top. */
export type FieldPath = readonly (string | number)[]

/** The value at a path, or undefined. */
export function valueAt(value: unknown, path: FieldPath): unknown {
  let current = value
  for (const step of path) {
    if (typeof step === 'number') current = itemsOf(current)[step]
    else current = isFields(current) && Object.hasOwn(current, step) ? current[step] : undefined
  }
  return current
}

/** A copy with the value at a path replaced (`undefined` removes the key); what is not on the path is shared with the original. Missing maps are made. */
export function withValueAt<T>(value: T, path: FieldPath, replacement: unknown): T
export function withValueAt(value: unknown, path: FieldPath, replacement: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return replacement
  if (typeof step === 'number') {
    return itemsOf(value).map((item, at) => (at === step ? withValueAt(item, rest, replacement) : item))
  }
  const fields = fieldsOf(value)
  const next = withValueAt(fields[step], rest, replacement)
  if (next !== undefined) return { ...fields, [step]: next }
  return Object.fromEntries(Object.entries(fields).filter(([key]) => key !== step))
}

/** `spec.containers[0].image`, for messages. */
export function displayPath(path: FieldPath): string {
  return path
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`))
    .join('')
}
