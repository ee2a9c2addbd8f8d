import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
} from 'yaml'
import type { SourceRange } from '../../core/problem.js'
import { type SyntaxFinding, syntaxFinding } from '../document.js'
import type { SourceMap, SourceNode } from './source-node.js'

/** The YAML documents of a `skaffold.yaml`. */
export interface SkaffoldText {
  readonly file: string
  /** Without its byte order mark. */
  readonly text: string
  readonly documents: readonly SourceMap[]
  readonly findings: readonly SyntaxFinding[]
}

/** More aliases than this, one within the other, are no config. */
const DEPTH_LIMIT = 60

/** Reads a `skaffold.yaml`; each value keeps its place. Documents that are no mapping are left out. */
export function readDocuments(given: string, file: string): SkaffoldText {
  const text = given.replace(/^\uFEFF/, '')
  const lineCounter = new LineCounter()
  const parsed = parseAllDocuments(text, { lineCounter, prettyErrors: false })
  const range = (start: number, end: number): SourceRange => {
    const from = lineCounter.linePos(start)
    const to = lineCounter.linePos(Math.max(start, text.slice(0, end).trimEnd().length))
    return { file, line: from.line, column: from.col, endLine: to.line, endColumn: to.col }
  }
  const documents = 'empty' in parsed ? [] : parsed
  return {
    file,
    text,
    documents: documents.flatMap(document => {
      const node = document.contents === null ? undefined : convert(document.contents, { document, range })
      return node?.kind === 'map' ? [node] : []
    }),
    findings: documents.flatMap(document => document.errors.map(error => syntaxFinding(error, text, range))),
  }
}

interface Conversion {
  readonly document: Document.Parsed
  readonly range: (start: number, end: number) => SourceRange
}

interface Spot {
  readonly path: string
  readonly key?: Node
  readonly depth: number
}

function convert(
  node: Node | null,
  conversion: Conversion,
  { path, key, depth }: Spot = { path: '', depth: 0 },
): SourceNode {
  const { document, range } = conversion
  const spanOf = (of: Node | null | undefined) => of?.range ?? [0, 0]
  const valueRange = range(...([spanOf(node ?? key)[0], spanOf(node ?? key)[1]] as const))
  const place = {
    path,
    range: key === undefined ? valueRange : range(spanOf(key)[0], spanOf(key)[1]),
    valueRange,
  }
  const target = isAlias(node) ? node.resolve(document) : node
  if (depth > DEPTH_LIMIT || target === undefined || target === null)
    return { kind: 'scalar', value: null, text: '', ...place }
  const next = (item: Node | null, below: string, itemKey?: Node) =>
    convert(item, conversion, {
      path: below,
      depth: depth + 1,
      ...(itemKey === undefined ? {} : { key: itemKey }),
    })
  if (isSeq(target))
    return {
      kind: 'list',
      items: target.items.map((item, index) => next(item as Node | null, `${path}[${index}]`)),
      ...place,
    }
  if (isMap(target)) {
    const fields = new Map<string, SourceNode>()
    const merged = new Map<string, SourceNode>()
    for (const pair of target.items) {
      const name = isScalar(pair.key) ? String(pair.key.value) : undefined
      if (name === undefined) continue
      const value = next(pair.value as Node | null, path === '' ? name : `${path}.${name}`, pair.key as Node)
      if (name !== '<<') fields.set(name, value)
      else
        for (const source of value.kind === 'list' ? value.items : [value])
          if (source.kind === 'map')
            for (const [inner, one] of source.fields) if (!merged.has(inner)) merged.set(inner, one)
    }
    return { kind: 'map', fields: new Map([...merged, ...fields]), ...place }
  }
  if (!isScalar(target)) return { kind: 'scalar', value: null, text: '', ...place }
  const value = target.value
  const plain =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null
      ? value
      : String(value)
  return {
    kind: 'scalar',
    value: plain,
    text: typeof plain === 'string' ? plain : (target.source ?? String(plain)),
    ...place,
  }
}
