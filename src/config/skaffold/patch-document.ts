import { listAt, nodeAt, type SourceMap, type SourceNode, textOf, withFields } from './source-node.js'

/** A document with the patches of a profile applied, and those that could not be. */
export interface Patched {
  readonly document: SourceMap
  readonly failed: readonly { readonly patch: SourceNode; readonly why: string }[]
}

/**
 * Applies patches in their order. A path is a JSON pointer; `name=value` in it stands for the item of a list with that field, as Skaffold's
 * patch library has it. Without `op`, a patch replaces.
 */
export function patchDocument(document: SourceMap, patches: readonly SourceNode[]): Patched {
  let current: SourceNode = document
  const failed: { patch: SourceNode; why: string }[] = []
  for (const patch of patches) {
    const next = applyPatch(current, patch)
    if (typeof next === 'string') failed.push({ patch, why: next })
    else current = next
  }
  return { document: current.kind === 'map' ? current : document, failed }
}

function applyPatch(document: SourceNode, patch: SourceNode): SourceNode | string {
  const op = textOf(nodeAt(patch, 'op')) ?? 'replace'
  const path = textOf(nodeAt(patch, 'path'))
  if (path === undefined) return 'the patch has no path'
  const at = stepsOf(path)
  const from = textOf(nodeAt(patch, 'from'))
  const source = from === undefined ? undefined : getAt(document, stepsOf(from))
  const value = patch.kind === 'map' ? patch.fields.get('value') : undefined
  const missing = `there is nothing at ${path}`
  switch (op) {
    case 'add':
      return (value && change(document, at, { kind: 'add', value })) ?? missing
    case 'replace':
      return (value && change(document, at, { kind: 'replace', value })) ?? missing
    case 'remove':
      return change(document, at, { kind: 'remove' }) ?? missing
    case 'copy':
      return (source && change(document, at, { kind: 'add', value: source })) ?? missing
    case 'move': {
      const without = from === undefined ? undefined : change(document, stepsOf(from), { kind: 'remove' })
      return (source && without && change(without, at, { kind: 'add', value: source })) ?? missing
    }
    case 'test':
      return document
    default:
      return `there is no operation "${op}"`
  }
}

const stepsOf = (path: string): readonly string[] =>
  path
    .split('/')
    .slice(1)
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))

type Change = { readonly kind: 'add' | 'replace'; readonly value: SourceNode } | { readonly kind: 'remove' }

function getAt(node: SourceNode | undefined, steps: readonly string[]): SourceNode | undefined {
  const [step, ...rest] = steps
  if (node === undefined || step === undefined) return node
  if (node.kind === 'map') return getAt(node.fields.get(step), rest)
  if (node.kind !== 'list') return undefined
  const index = indexOf(node.items, step)
  return index === undefined ? undefined : getAt(node.items[index], rest)
}

/** Undefined where the path leads nowhere. */
function change(node: SourceNode, steps: readonly string[], how: Change): SourceNode | undefined {
  const [step, ...rest] = steps
  if (step === undefined) return how.kind === 'remove' ? undefined : how.value
  if (node.kind === 'map') {
    const below = node.fields.get(step)
    if (rest.length === 0) {
      if (how.kind === 'remove') return below && withFields(node, { [step]: undefined })
      return how.kind === 'replace' && below === undefined
        ? undefined
        : withFields(node, { [step]: how.value })
    }
    const changed = below && change(below, rest, how)
    return changed && withFields(node, { [step]: changed })
  }
  if (node.kind !== 'list') return undefined
  if (rest.length === 0 && how.kind === 'add' && step === '-') return listAt(node, [...node.items, how.value])
  const index = indexOf(node.items, step)
  if (index === undefined) return undefined
  if (rest.length === 0 && how.kind === 'add')
    return index > node.items.length ? undefined : listAt(node, node.items.toSpliced(index, 0, how.value))
  if (index >= node.items.length) return undefined
  if (rest.length === 0 && how.kind === 'remove') return listAt(node, node.items.toSpliced(index, 1))
  const below = node.items[index]
  const changed = below && change(below, rest, how)
  return changed && listAt(node, node.items.with(index, changed))
}

function indexOf(items: readonly SourceNode[], step: string): number | undefined {
  if (/^\d+$/.test(step)) return Number(step)
  const equals = step.indexOf('=')
  if (equals === -1) return undefined
  const found = items.findIndex(
    item => textOf(nodeAt(item, step.slice(0, equals))) === step.slice(equals + 1),
  )
  return found === -1 ? undefined : found
}
