import { canonicalJson, isMap, sameJson } from './json.js'

/**
 * One step into an object, as server-side apply counts them: a field of a map, an item of a keyed list, a value of a set, or an index.
 * https://github.com/kubernetes-sigs/structured-merge-diff/blob/v6.3.0/fieldpath/element.go
 */
export type PathStep =
  | { readonly field: string }
  | { readonly key: Readonly<Record<string, unknown>> }
  | { readonly value: unknown }
  | { readonly index: number }

export type FieldPath = readonly PathStep[]

/** As the API server writes it in a conflict: `.spec.ports[port=80,protocol="TCP"].nodePort`. */
export function formatFieldPath(path: FieldPath): string {
  return path
    .map(step => {
      if ('field' in step) return `.${step.field}`
      if ('index' in step) return `[${step.index}]`
      if ('value' in step) return `[=${canonicalJson(step.value)}]`
      const keys = Object.keys(step.key).sort()
      return `[${keys.map(key => `${key}=${canonicalJson(step.key[key])}`).join(',')}]`
    })
    .join('')
}

/**
 * Reads a path as the API server writes it. Field names are not quoted there and may hold dots (`.metadata.annotations.example.com/x`), so
 * at each step the longest name that `object` really has wins. Undefined where the text is not a path.
 */
export function parseFieldPath(text: string, object: unknown): FieldPath | undefined {
  const path: PathStep[] = []
  let at = 0
  let node: unknown = object
  while (at < text.length) {
    const parsed = text[at] === '[' ? parseBracket(text, at) : parseField(text, at, node)
    if (parsed === undefined) return undefined
    path.push(parsed.step)
    node = childAt(node, parsed.step)
    at = parsed.end
  }
  return path
}

interface ParsedStep {
  readonly step: PathStep
  readonly end: number
}

function parseField(text: string, at: number, node: unknown): ParsedStep | undefined {
  if (text[at] !== '.') return undefined
  const rest = text.slice(at + 1)
  const known = isMap(node)
    ? Object.keys(node)
        .filter(name => rest.startsWith(name) && ['.', '[', undefined].includes(rest[name.length]))
        .sort((left, right) => right.length - left.length)[0]
    : undefined
  const name = known ?? /^[^.[]+/.exec(rest)?.[0]
  return name === undefined ? undefined : { step: { field: name }, end: at + 1 + name.length }
}

function parseBracket(text: string, at: number): ParsedStep | undefined {
  const end = closingBracket(text, at)
  if (end === undefined) return undefined
  const inner = text.slice(at + 1, end)
  if (/^\d+$/.test(inner)) return { step: { index: Number(inner) }, end: end + 1 }
  if (inner.startsWith('=')) {
    const value = parseJson(inner.slice(1))
    return value === undefined ? undefined : { step: { value: value.json }, end: end + 1 }
  }
  const key: Record<string, unknown> = {}
  for (const part of inner.matchAll(/([^=,]+)=("(?:[^"\\]|\\.)*"|[^,]*)(?:,|$)/g)) {
    const value = parseJson(part[2] ?? '')
    if (part[1] === undefined || value === undefined) return undefined
    key[part[1]] = value.json
  }
  return Object.keys(key).length === 0 ? undefined : { step: { key }, end: end + 1 }
}

/** The bracket that closes the one at `at`, brackets within JSON strings not counted. */
function closingBracket(text: string, at: number): number | undefined {
  let quoted = false
  for (let index = at + 1; index < text.length; index++) {
    if (quoted && text[index] === '\\') index++
    else if (text[index] === '"') quoted = !quoted
    else if (!quoted && text[index] === ']') return index
  }
  return undefined
}

function parseJson(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** What is one step below `node`; undefined where there is nothing. */
function childAt(node: unknown, step: PathStep): unknown {
  if ('field' in step) return isMap(node) ? node[step.field] : undefined
  if (!Array.isArray(node)) return undefined
  if ('index' in step) return node[step.index]
  return node.find(item => matchesStep(item, step))
}

/** The protocol of a port is part of its key and often left out: the API server then means TCP. */
const keyDefaults: Readonly<Record<string, unknown>> = { protocol: 'TCP' }

function matchesStep(item: unknown, step: Exclude<PathStep, { field: string } | { index: number }>): boolean {
  if ('value' in step) return sameJson(item, step.value)
  return (
    isMap(item) &&
    Object.entries(step.key).every(([name, value]) => sameJson(item[name] ?? keyDefaults[name], value))
  )
}

export function getAtPath(object: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>((node, step) => childAt(node, step), object)
}

/** A copy with the value put at the path. Maps on the way are made, and so is the item of a keyed list. */
export function setAtPath<T>(object: T, path: FieldPath, value: unknown): T {
  return write(object, path, value) as T
}

function write(node: unknown, path: FieldPath, value: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return value
  if ('field' in step) {
    const map = isMap(node) ? node : {}
    return { ...map, [step.field]: write(map[step.field], rest, value) }
  }
  const list: readonly unknown[] = Array.isArray(node) ? node : []
  const index = 'index' in step ? step.index : list.findIndex(item => matchesStep(item, step))
  if (index >= 0 && index < list.length) return list.with(index, write(list[index], rest, value))
  const made = 'key' in step ? { ...step.key } : 'value' in step ? step.value : undefined
  return [...list, write(made, rest, value)]
}

/** A copy without what is at the path; the same object where nothing is there. */
export function removeAtPath<T>(object: T, path: FieldPath): T {
  return remove(object, path) as T
}

function remove(node: unknown, path: FieldPath): unknown {
  const [step, ...rest] = path
  if (step === undefined || childAt(node, step) === undefined) return node
  if ('field' in step) {
    if (!isMap(node)) return node
    if (rest.length > 0) return { ...node, [step.field]: remove(node[step.field], rest) }
    const { [step.field]: _gone, ...others } = node
    return others
  }
  if (!Array.isArray(node)) return node
  const index = 'index' in step ? step.index : node.findIndex(item => matchesStep(item, step))
  return rest.length === 0 ? node.toSpliced(index, 1) : node.with(index, remove(node[index], rest))
}
