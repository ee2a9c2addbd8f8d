import { type SkaffoldField, skaffoldFields } from './fields.js'
import { fieldsOf, type SourceMap, type SourceNode } from './source-node.js'

/** A field of a file that devloop knows nothing of. */
const UNKNOWN = 'devloop does not know this field'

interface Told {
  readonly node: SourceNode
  readonly verdict: 'partly' | 'not'
  readonly why: string
  readonly lost: boolean
}

/** What is to be said of a document's fields whatever their values; each at the topmost place that says it all. */
export function tellFields(document: SourceMap): readonly Told[] {
  const known = new Map(skaffoldFields.map(field => [field.field, field]))
  return [...document.fields].flatMap(([key, node]) =>
    // A key that begins with a dot holds anchors for others.
    key.startsWith('.') ? [] : tell(node, key, known),
  )
}

function tell(node: SourceNode, pattern: string, known: ReadonlyMap<string, SkaffoldField>): readonly Told[] {
  const field = known.get(pattern) ?? known.get(pattern.replace(/^profiles\[\]\./, ''))
  if (field !== undefined) {
    if (field.told !== 'always' || field.verdict === 'translated') return []
    return [{ node, verdict: field.verdict, why: field.text, lost: field.lost }]
  }
  if (node.kind === 'map')
    return fieldsOf(node).flatMap(([key, value]) => tell(value, `${pattern}.${key}`, known))
  if (node.kind === 'list') return node.items.flatMap(item => tell(item, `${pattern}[]`, known))
  // A section with nothing in it.
  return node.value === null ? [] : [{ node, verdict: 'not', why: UNKNOWN, lost: true }]
}
