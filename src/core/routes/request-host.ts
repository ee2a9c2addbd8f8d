/** A Host header taken apart. */
export interface RequestHost {
  /** Lower case, without port, brackets kept, without one trailing dot. */
  readonly name: string
  readonly port: number | undefined
}

/** Undefined for what is no host. */
export function requestHost(header: string): RequestHost | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[^\s:/?#@[\]\\]+)(?::(\d{1,5}))?$/i.exec(header.trim())
  if (match === null) return undefined
  const name = (match[1] ?? '').toLowerCase().replace(/\.$/, '')
  const port = match[2] === undefined ? undefined : Number(match[2])
  if (name === '' || (port !== undefined && port > 65_535)) return undefined
  return { name, port }
}

const LABEL = /^[a-z0-9_-]+$/

/** Whether an Ingress host covers a name: `*` stands for exactly one label. */
export function coversOneLabel(pattern: string, name: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === name
  const rest = pattern.slice(1)
  return name.endsWith(rest) && LABEL.test(name.slice(0, -rest.length))
}

/** Whether a Gateway API hostname covers a name: `*` stands for one label or more. */
export function coversLabels(pattern: string, name: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === name
  return name.length > pattern.length - 1 && name.endsWith(pattern.slice(1))
}

/** The narrower of two Gateway API hostnames, where one covers the other; the empty one covers all. */
export function narrowerHost(a: string, b: string): string | undefined {
  if (a === '') return b
  if (b === '' || a === b) return a
  if (coversPattern(a, b)) return b
  return coversPattern(b, a) ? a : undefined
}

const coversPattern = (wide: string, narrow: string): boolean =>
  wide.startsWith('*.') &&
  (narrow.startsWith('*.') ? narrow.endsWith(wide.slice(1)) : coversLabels(wide, narrow))
