/** What a Go template, as Skaffold has them in many texts, comes to. */
export type Expanded =
  /** No template at all, or one that needs nothing. */
  | { readonly kind: 'text'; readonly value: string }
  /** One environment variable and nothing else. */
  | { readonly kind: 'variable'; readonly name: string; readonly default: string | undefined }
  /** Text with values of environment variables in it; what is not set is empty. */
  | {
      readonly kind: 'mixed'
      readonly value: string
      readonly names: readonly string[]
      readonly unset: readonly string[]
    }
  /** A function or a form that only Skaffold knows. */
  | { readonly kind: 'unknown'; readonly expression: string }

type Term =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'variable'; readonly name: string; readonly default: string | undefined }

const ACTION = /\{\{-?\s*(.*?)\s*-?\}\}/gs
const VARIABLE = /^\.([A-Za-z_]\w*)$/
const QUOTED = /^(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`)$/
const STRING = '"(?:[^"\\\\]|\\\\.)*"|`[^`]*`'
const DEFAULT_BEFORE = new RegExp(`^default\\s+(${STRING})\\s+(\\.\\w+|\\(?env\\s+"\\w+"\\)?)$`)
const DEFAULT_AFTER = new RegExp(`^(\\.\\w+|env\\s+"\\w+")\\s*\\|\\s*default\\s+(${STRING})$`)
const ENV = /^\(?env\s+"(\w+)"\)?$/

/**
 * Reads a template: variables (`{{.NAME}}`, `{{env "NAME"}}`), their defaults, and quoted text. `lookup` answers for names that mean
 * something besides the environment, and undefined for what is not set.
 */
export function expandTemplate(text: string, lookup: (name: string) => string | undefined): Expanded {
  const parts: Term[] = []
  let end = 0
  for (const match of text.matchAll(ACTION)) {
    if (match.index > end) parts.push({ kind: 'text', value: text.slice(end, match.index) })
    const expression = match[1] ?? ''
    const term = readTerm(expression)
    if (term === undefined) return { kind: 'unknown', expression: `{{${expression}}}` }
    parts.push(term)
    end = match.index + match[0].length
  }
  if (end < text.length) parts.push({ kind: 'text', value: text.slice(end) })
  const [first] = parts
  if (parts.length === 1 && first?.kind === 'variable') return first
  const names = parts.flatMap(part => (part.kind === 'variable' ? [part.name] : []))
  const value = parts
    .map(part => (part.kind === 'text' ? part.value : lookup(part.name) || part.default || ''))
    .join('')
  const unset = parts.flatMap(part =>
    part.kind === 'variable' && part.default === undefined && lookup(part.name) === undefined
      ? [part.name]
      : [],
  )
  return names.length === 0 ? { kind: 'text', value } : { kind: 'mixed', value, names, unset }
}

function readTerm(expression: string): Term | undefined {
  const quoted = unquote(expression)
  if (quoted !== undefined) return { kind: 'text', value: quoted }
  const name = nameOf(expression)
  if (name !== undefined) return { kind: 'variable', name, default: undefined }
  const before = DEFAULT_BEFORE.exec(expression)
  if (before !== null) return withDefault(before[2], before[1])
  const after = DEFAULT_AFTER.exec(expression)
  return after === null ? undefined : withDefault(after[1], after[2])
}

function withDefault(variable: string | undefined, fallback: string | undefined): Term | undefined {
  const name = nameOf(variable ?? '')
  return name === undefined ? undefined : { kind: 'variable', name, default: unquote(fallback ?? '') }
}

const nameOf = (expression: string): string | undefined =>
  VARIABLE.exec(expression)?.[1] ?? ENV.exec(expression)?.[1]

function unquote(expression: string): string | undefined {
  const match = QUOTED.exec(expression)
  if (match === null) return undefined
  return match[2] ?? (match[1] ?? '').replace(/\\(.)/g, '$1')
}
