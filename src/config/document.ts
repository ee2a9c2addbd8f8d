import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml'
import type { SourceRange } from '../core/problem.js'
import type { ConfigPath } from './finding.js'

export interface SyntaxFinding {
  readonly message: string
  readonly range: SourceRange
  readonly suggestion?: string
}

/** A YAML file with the way back from a path to its place. */
export interface ConfigDocument {
  /** Plain data; undefined where there is none or the file is not even nearly YAML. */
  readonly value: unknown
  readonly findings: readonly SyntaxFinding[]
  /** The line from which `value` cannot be trusted, for the YAML broke there; Infinity for a well-formed file. */
  readonly brokenFrom: number
  /** The place of a key or value; of the nearest mapping above it where it is not there. */
  locate(path: ConfigPath, on: 'key' | 'value'): SourceRange
  /** A scalar as it was written: `1.10` for the number 1.1. */
  textAt(path: ConfigPath): string | undefined
  /** The text of another file that values are written in. */
  textOf?(file: string): string | undefined
}

/** Reads YAML. `text` has no byte order mark. */
export function readConfigDocument(text: string, file: string): ConfigDocument {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false, merge: true })
  const range = (start: number, end: number): SourceRange => {
    const last = Math.max(start, text.slice(0, end).trimEnd().length)
    const from = lineCounter.linePos(start)
    const to = lineCounter.linePos(last)
    return { file, line: from.line, column: from.col, endLine: to.line, endColumn: to.col }
  }
  const findings: SyntaxFinding[] = [...document.errors, ...document.warnings].map(error =>
    syntaxFinding(error, text, range),
  )
  findings.push(...dangerousKeys(document, range))
  let value: unknown
  try {
    value = document.toJS()
  } catch (error) {
    // An alias without its anchor, or more aliases than any config needs.
    findings.push({
      message: error instanceof Error ? error.message : String(error),
      range: aliasRange(document, range),
    })
  }
  const broken = document.errors.filter(error => error.code !== 'DUPLICATE_KEY')
  return {
    value,
    findings,
    brokenFrom: Math.min(
      Number.POSITIVE_INFINITY,
      ...broken.map(error => lineCounter.linePos(error.pos[0]).line),
    ),
    locate(path, on) {
      const found = walk(document, path)
      const wantsKey = on === 'key' || !found.complete
      const node = wantsKey && found.key ? found.key : (found.value ?? found.key)
      const [start, end] = node?.range ?? [0, text.length]
      return end > start
        ? range(start, end)
        : range(...((found.key?.range?.slice(0, 2) ?? [0, 0]) as [number, number]))
    },
    textAt(path) {
      const { value: node, complete } = walk(document, path)
      return complete && isScalar(node) ? (node.source ?? String(node.value)) : undefined
    },
  }
}

interface Found {
  readonly key: Node | undefined
  readonly value: Node | undefined
  /** Whether the whole path was there. */
  readonly complete: boolean
}

function walk(document: Document.Parsed, path: ConfigPath): Found {
  let key: Node | undefined
  let value: Node | undefined = document.contents ?? undefined
  for (const segment of path) {
    const node: unknown = isAlias(value) ? value.resolve(document) : value
    if (isSeq(node)) {
      const item = typeof segment === 'number' ? node.items[segment] : undefined
      if (item === undefined) return { key, value, complete: false }
      // An item of a list has no key; its own place serves.
      value = item as Node
      key = value
    } else if (isMap(node)) {
      const pair: Pair | undefined = node.items.find(item => keyText(item) === String(segment))
      if (pair === undefined) return { key, value, complete: false }
      key = pair.key as Node
      value = (pair.value as Node | null) ?? undefined
    } else {
      return { key, value, complete: false }
    }
  }
  return { key, value, complete: true }
}

const keyText = (pair: Pair): string | undefined => (isScalar(pair.key) ? String(pair.key.value) : undefined)

type MakeRange = (start: number, end: number) => SourceRange

/** Keys that are no text, and `__proto__`, which a JavaScript object cannot hold as data without harm. */
function dangerousKeys(document: Document.Parsed, range: MakeRange): readonly SyntaxFinding[] {
  const findings: SyntaxFinding[] = []
  visit(document, {
    Pair(_, pair) {
      const key = pair.key as Node | null
      if (isScalar(key) && key.value !== '__proto__' && key.value !== null) return
      if (!key?.range) return
      findings.push({
        message:
          isScalar(key) && key.value === '__proto__'
            ? '"__proto__" cannot be a key'
            : 'a key must be plain text',
        range: range(key.range[0], key.range[1]),
      })
    },
  })
  return findings
}

function aliasRange(document: Document.Parsed, range: MakeRange): SourceRange {
  let place: SourceRange | undefined
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined || !alias.range) return
      place = range(alias.range[0], alias.range[1])
      return visit.BREAK
    },
  })
  return place ?? range(0, 0)
}

/** What the parser says, in a person's words and at the word that is wrong. */
export function syntaxFinding(error: YAMLError, text: string, range: MakeRange): SyntaxFinding {
  return { ...syntaxWords(error, text), range: range(...syntaxSpan(error, text)) }
}

function syntaxWords(
  error: YAMLError,
  text: string,
): { readonly message: string; readonly suggestion?: string } {
  switch (error.code) {
    case 'DUPLICATE_KEY':
      return {
        message: `${JSON.stringify(keyAt(text, error.pos[0]))} is there twice`,
        suggestion: 'keep one of the two',
      }
    case 'MULTIPLE_DOCS':
      return {
        message: 'a config file is one YAML document',
        suggestion: 'remove the "---" and what follows it',
      }
    case 'TAB_AS_INDENT':
      return { message: 'YAML does not allow tabs as indentation', suggestion: 'use spaces' }
    case 'BLOCK_AS_IMPLICIT_KEY':
      return {
        message: 'a mapping cannot begin on the line of another key',
        suggestion: 'check the indentation; quote a text that holds ": "',
      }
    default:
      return { message: error.message }
  }
}

/** The parser marks a single character, or the blanks before the one that is wrong; a person looks for the word. */
function syntaxSpan(error: YAMLError, text: string): readonly [number, number] {
  const [start, end] = error.pos
  if (error.code === 'DUPLICATE_KEY') return [start, start + rawKeyAt(text, start).length]
  const blanks = /^ */.exec(text.slice(start))?.[0].length ?? 0
  return [start + blanks, Math.max(end, start + blanks + 1)]
}

const rawKeyAt = (text: string, offset: number): string =>
  /^(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s:]+)/.exec(text.slice(offset))?.[0] ?? ''

const keyAt = (text: string, offset: number): string =>
  rawKeyAt(text, offset).replace(/^(["'])(.*)\1$/s, '$2')
