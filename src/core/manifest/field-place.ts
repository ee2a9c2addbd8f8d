import { isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, visit } from 'yaml'
import { type FieldPath, getAtPath, type PathStep } from '../ownership/field-path.js'
import type { SourceRange } from '../problem.js'
import { rangeFinder } from './source-location.js'

/** The place of a field's name in the text that its object is written in. Undefined where the object there has no such field. */
export function fieldPlace(
  { file, text }: { readonly file: string; readonly text: string },
  object: SourceRange,
  path: FieldPath,
): SourceRange | undefined {
  const lines = new LineCounter()
  const find = rangeFinder({ file, text, lines })
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' })
  for (const document of Array.isArray(documents) ? documents : []) {
    const roots: Node[] = []
    visit(document, {
      Map: (_, map) => {
        const start = find(map.range?.[0] ?? 0, map.range?.[0] ?? 0).range
        if (start.line !== object.line || start.column !== object.column) return undefined
        roots.push(map)
        return visit.BREAK
      },
    })
    const [root] = roots
    const key = root === undefined ? undefined : keyAt(root, path)
    if (key?.range !== undefined && key.range !== null) return find(key.range[0], key.range[1]).range
  }
  return undefined
}

/** The node that names the last step, or that is the item of a list. */
function keyAt(root: Node, path: FieldPath): Node | undefined {
  let node: unknown = root
  let key: Node | undefined
  for (const step of path) {
    const found = childAt(node, step)
    if (found === undefined) return undefined
    node = found.value
    key = found.key
  }
  return key
}

function childAt(
  node: unknown,
  step: PathStep,
): { readonly key: Node | undefined; readonly value: unknown } | undefined {
  if ('field' in step) {
    if (!isMap(node)) return undefined
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step.field)
    return pair === undefined
      ? undefined
      : { key: isScalar(pair.key) ? pair.key : undefined, value: pair.value }
  }
  if (!isSeq(node)) return undefined
  const at =
    'index' in step
      ? step.index
      : node.items.findIndex((item: unknown) => {
          const json: unknown = isMap(item) || isScalar(item) ? item.toJSON() : undefined
          return getAtPath([json], [step]) !== undefined
        })
  const item: unknown = node.items[at]
  return item === undefined
    ? undefined
    : { key: isMap(item) || isScalar(item) ? item : undefined, value: item }
}
