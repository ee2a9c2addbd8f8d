import type * as z from 'zod'
import type { ConfigDocument } from './document.js'
import { type ConfigPath, type Finding, finding } from './finding.js'
import { knownKeys } from './known-keys.js'
import { nearest, suggestName } from './suggest.js'

type Issue = z.core.$ZodIssue

/** What the schema says against a config, in words, each at its own place. */
export function explainIssues(issues: readonly Issue[], document: ConfigDocument): readonly Finding[] {
  return issues.flatMap(issue => explainIssue(issue, [], document))
}

function explainIssue(issue: Issue, above: ConfigPath, document: ConfigDocument): readonly Finding[] {
  const path: ConfigPath = [
    ...above,
    ...issue.path.map(segment => (typeof segment === 'symbol' ? String(segment) : segment)),
  ]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map(key => unknownKey(path, key))
    case 'invalid_type':
      return [wrongType(path, [issue.expected], document)]
    case 'invalid_union':
      return explainUnion(issue, path, document)
    case 'invalid_key':
      return [
        finding(path, `${label(path)} ${issue.issues[0]?.message ?? 'is not a valid name'}`, { on: 'key' }),
      ]
    case 'invalid_value':
      return [wrongValue(path, issue.values.map(String), document)]
    default:
      return [finding(path, `${label(path)} ${issue.message}`)]
  }
}

/** Of the alternatives, the one whose type the value has is the one that was meant. */
function explainUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: ConfigPath,
  document: ConfigDocument,
): readonly Finding[] {
  const expected: string[] = []
  for (const alternative of issue.errors) {
    const root = alternative.find(inner => inner.path.length === 0 && inner.code === 'invalid_type')
    if (root?.code === 'invalid_type') expected.push(root.expected)
    else if (alternative.every(inner => inner.code === 'invalid_union' && inner.path.length === 0))
      expected.push(...alternative.flatMap(inner => unionTypes(inner)))
    else return alternative.flatMap(inner => explainIssue(inner, path, document))
  }
  return [wrongType(path, expected, document)]
}

const unionTypes = (issue: Issue): readonly string[] =>
  issue.code === 'invalid_union'
    ? issue.errors
        .flat()
        .flatMap(inner => (inner.code === 'invalid_type' ? [inner.expected] : unionTypes(inner)))
    : []

function unknownKey(path: ConfigPath, key: string): Finding {
  const at = [...path, key]
  const suggestion = suggestName(key, knownKeys(path), 'the keys here are')
  return finding(at, `unknown key "${key}"`, { on: 'key', suggestion })
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
}

function wrongType(path: ConfigPath, expected: readonly string[], document: ConfigDocument): Finding {
  const words = [...new Set(expected.filter(type => type !== 'null').map(type => typeWords[type] ?? type))]
  const wanted = words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : words.join('')
  const value = valueAt(document.value, path)
  if (value === undefined) return finding(path, `${label(path)} is missing`)
  if (value === null && path.length > 0)
    return finding(path, `${label(path)} has no value`, {
      on: 'key',
      suggestion: `it must be ${wanted}; remove the line to take the default`,
    })
  const quotable = expected.includes('string') && (typeof value === 'number' || typeof value === 'boolean')
  const suggestion = quotable ? `write it in quotes: "${document.textAt(path) ?? String(value)}"` : undefined
  const subject = path.length === 0 ? 'the config' : label(path)
  return finding(path, `${subject} must be ${wanted}, not ${typeOf(value)}`, { suggestion })
}

function wrongValue(path: ConfigPath, values: readonly string[], document: ConfigDocument): Finding {
  const value = valueAt(document.value, path)
  const key = label(path)
  if (value === null) return wrongType(path, ['string'], document)
  const near = typeof value === 'string' ? nearest(value, values) : undefined
  return finding(
    path,
    `${key} must be ${values.length > 1 ? `one of: ${values.join(', ')}` : values.join('')}`,
    {
      suggestion: near === undefined ? undefined : `did you mean "${near}"?`,
    },
  )
}

/** How a message names a path: its last key, with the place in a list. */
function label(path: ConfigPath): string {
  const from = path.findLastIndex(segment => typeof segment === 'string')
  const [key = 'the config', ...indexes] = path.slice(Math.max(from, 0))
  return `"${key}${indexes.map(index => `[${index}]`).join('')}"`
}

function valueAt(value: unknown, path: ConfigPath): unknown {
  let current = value
  for (const segment of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, segment)) return undefined
    current = (current as Readonly<Record<string | number, unknown>>)[segment]
  }
  return current
}

function typeOf(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  return typeWords[typeof value] ?? typeof value
}
