import { type Document, isMap, isNode, isSeq, LineCounter, parseAllDocuments } from 'yaml'
import type { KubeObject, ManifestObject } from '../kube-object.js'
import type { Diagnostic, SourceRange } from '../problem.js'
import { coverVariables } from '../variables.js'
import { checkObject } from './check-object.js'
import { documentValue } from './document-value.js'
import { type FieldPath, type Fields, fieldsOf, isFields } from './fields.js'
import { type RangeFinder, rangeFinder } from './source-location.js'

export interface ManifestText {
  /** The name for messages and ranges. */
  readonly file: string
  readonly text: string
  /** Undefined where the config says that nothing is replaced in this file. */
  readonly variables: Readonly<Record<string, string>> | undefined
  /** Whether a tool made the text: variables are replaced in raw files only. */
  readonly rendered?: boolean
}

export interface ParsedManifests {
  /** In the order of the documents, lists unfolded. */
  readonly objects: readonly ManifestObject[]
  readonly diagnostics: readonly Diagnostic[]
  /** Documents that hold something other than an API object. */
  readonly others: number
}

/** Reads the API objects of a YAML or JSON text as kubectl would, but finds every fault at once and names its place. */
export function parseManifests({ file, text, variables, rendered = false }: ManifestText): ParsedManifests {
  if (!mayHoldObjects(text)) return { objects: [], diagnostics: [], others: hasContent(text) ? 1 : 0 }
  const lines = new LineCounter()
  const covered = coverVariables(text, variables ?? {})
  const find = rangeFinder({ file, text, lines })
  const objects: ManifestObject[] = []
  const diagnostics: Diagnostic[] = []
  let others = 0

  const documents = parseAllDocuments(covered.text, {
    schema: 'failsafe',
    lineCounter: lines,
    prettyErrors: false,
    resolveKnownTags: false,
    // The library compares each key with all before it; `documentValue` looks for doubles in linear time.
    uniqueKeys: false,
    logLevel: 'silent',
  })
  for (const document of Array.isArray(documents) ? documents : []) {
    const faults = document.errors.map(error =>
      fault(find, covered.restore(error.message), error.pos[0], error.pos[1]),
    )
    const value =
      faults.length > 0
        ? undefined
        : documentValue(document, {
            fill: covered.fill,
            fault: (message, start, end) => faults.push(fault(find, covered.restore(message), start, end)),
          })
    if (faults.length > 0) {
      const isTemplate = !rendered && TEMPLATE.test(text.slice(document.range[0], document.range[2]))
      diagnostics.push(...faults.map((one, at) => (isTemplate && at === 0 ? withTemplateHint(one) : one)))
      continue
    }
    if (value === null) continue
    const candidates = unfoldLists(value, [])
    for (const { path, candidate } of candidates) {
      if (!looksLikeObject(candidate)) {
        others += 1
        continue
      }
      const found = checkObject(candidate, {
        locate: part => locate(find, document, [...path, ...part]),
        variables,
        rendered,
      })
      diagnostics.push(...found)
      if (!found.some(diagnostic => diagnostic.severity === 'error'))
        objects.push({ object: candidate as KubeObject, source: locate(find, document, path).range })
    }
  }
  return { objects, diagnostics, others }
}

/** `{{ … }}`, as Helm and most other tools have it. */
const TEMPLATE = /\{\{[^\n]*\}\}/

const withTemplateHint = (fault: Diagnostic): Diagnostic => ({
  ...fault,
  suggestion:
    'this looks like a template, which a tool makes YAML of: leave it out by exclude: […], or have it rendered by an entry of manifests: { helm: … } or { command: … }',
})

/** Spares the parser the files that a wide glob hits: whatever they are, and whether or not they are YAML, no object is in them. */
function mayHoldObjects(text: string): boolean {
  return text.includes('apiVersion') || (text.includes('kind') && text.includes('metadata'))
}

function hasContent(text: string): boolean {
  return /^(?!---|\.\.\.|%)\s*[^\s#]/m.test(text)
}

/** `kind: List`, and typed lists such as ConfigMapList, stand for their items. A named object is never a list, whatever its kind is called. */
function unfoldLists(
  value: unknown,
  path: FieldPath,
): readonly { readonly path: FieldPath; readonly candidate: unknown }[] {
  const { kind, items, metadata } = fieldsOf(value)
  const isList = typeof kind === 'string' && kind.endsWith('List') && fieldsOf(metadata).name === undefined
  if (!isList || !Array.isArray(items)) return [{ path, candidate: value }]
  return items.flatMap((item: unknown, at) => unfoldLists(item, [...path, 'items', at]))
}

function looksLikeObject(value: unknown): value is Fields {
  return isFields(value) && (value.apiVersion !== undefined || value.kind !== undefined) && !isOther(value)
}

/** Values files and the like have a `kind` now and then; without apiVersion and metadata it is no object. */
function isOther(value: Fields): boolean {
  return value.apiVersion === undefined && value.metadata === undefined
}

function fault(find: RangeFinder, message: string, start: number, end: number): Diagnostic {
  return { severity: 'error', message, ...find(start, end) }
}

/** The place of a path in a document, or of the nearest part of it that the document has. */
function locate(
  find: RangeFinder,
  document: Document.Parsed,
  path: FieldPath,
): { readonly range: SourceRange; readonly frame: string } {
  let node: unknown = document.contents
  for (const step of path) {
    const next = isMap(node) || isSeq(node) ? node.get(step, true) : undefined
    if (!isNode(next)) break
    node = next
  }
  const range = isNode(node) ? node.range : undefined
  const start = range?.[0] ?? 0
  // A map or list ends where the next thing starts; its first line is what a reader wants to see.
  return isMap(node) || isSeq(node) ? find(start, start) : find(start, range?.[1] ?? start)
}
