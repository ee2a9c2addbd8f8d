import { type ConfigTree, childOf, type ListTree, withEntries } from './config-tree.js'
import { type ConfigPath, type Finding, finding } from './finding.js'
import { identityOf } from './merge-trees.js'
import { suggestName } from './suggest.js'

/** A patch of a profile, by its own place in the file. */
export interface Patch {
  readonly op: 'add' | 'replace' | 'remove'
  /** A JSON pointer. */
  readonly path: string
  readonly value: ConfigTree | undefined
  /** Where the patch was written. */
  readonly at: ConfigPath
}

interface Patched {
  readonly tree: ConfigTree
  readonly findings: readonly Finding[]
}

/** Makes patches one after the other. One that leads nowhere is a finding, and changes nothing. */
export function patchTree(tree: ConfigTree, patches: readonly Patch[]): Patched {
  const findings: Finding[] = []
  let patched = tree
  for (const patch of patches) {
    const result = change(patched, segmentsOf(patch.path), patch)
    if (typeof result === 'string' || result === undefined) {
      const hint = typeof result === 'string' ? result : undefined
      findings.push(
        finding([...patch.at, 'path'], `there is nothing at ${patch.path} to ${patch.op}`, {
          suggestion: hint,
        }),
      )
    } else patched = result
  }
  return { tree: patched, findings }
}

const segmentsOf = (pointer: string): readonly string[] =>
  pointer
    .slice(1)
    .split('/')
    .map(segment => segment.replaceAll('~1', '/').replaceAll('~0', '~'))

/** The tree with the change, or a suggestion, or undefined, where the place is not there. */
function change(
  tree: ConfigTree,
  [first = '', ...rest]: readonly string[],
  patch: Patch,
): ConfigTree | string | undefined {
  if (tree.kind === 'leaf' && tree.value === null)
    return patch.op === 'remove'
      ? undefined
      : change({ ...tree, kind: 'map', entries: new Map() }, [first, ...rest], patch)
  if (tree.kind === 'leaf') return undefined
  if (tree.kind === 'list') return changeList(tree, [first, ...rest], patch)
  const child = tree.entries.get(first)
  if (rest.length === 0) {
    if (child === undefined && patch.op !== 'add')
      return suggestName(first, [...tree.entries.keys()], 'there are')
    return withEntries(tree, [[first, patch.op === 'remove' ? undefined : patch.value]])
  }
  // What an added value needs above it is made, as the config need not have every mapping.
  const below = child ?? (patch.op === 'add' ? { ...tree, entries: new Map() } : undefined)
  if (below === undefined) return suggestName(first, [...tree.entries.keys()], 'there are')
  const changed = change(below, rest, patch)
  return typeof changed === 'object' ? withEntries(tree, [[first, changed]]) : changed
}

function changeList(
  tree: ListTree,
  [first = '', ...rest]: readonly string[],
  patch: Patch,
): ConfigTree | string | undefined {
  const { items } = tree
  const at =
    first === '-'
      ? items.length
      : /^\d+$/.test(first)
        ? Number(first)
        : items.findIndex(item => identityOf(item) === first)
  const isNew = at === items.length && patch.op === 'add' && rest.length === 0
  const child = childOf(tree, at)
  if (child === undefined && !isNew)
    return suggestName(
      first,
      items.flatMap(item => identityOf(item) ?? []),
      'there are',
    )
  const value = patch.value === undefined ? [] : [patch.value]
  if (rest.length > 0) {
    const changed = child === undefined ? undefined : change(child, rest, patch)
    return typeof changed === 'object' ? { ...tree, items: items.with(at, changed) } : changed
  }
  return {
    ...tree,
    items: items.toSpliced(at, patch.op === 'add' ? 0 : 1, ...(patch.op === 'remove' ? [] : value)),
  }
}

/** The patches of a profile, where they are well-formed; what is not is told by the schema. */
export function patchesOf(tree: ConfigTree | undefined): readonly Patch[] {
  if (tree?.kind !== 'list') return []
  return tree.items.flatMap(item => {
    const text = (key: string): unknown => {
      const child = childOf(item, key)
      return child?.kind === 'leaf' ? child.value : undefined
    }
    const [op, path, value] = [text('op'), text('path'), childOf(item, 'value')]
    if (
      (op !== 'add' && op !== 'replace' && op !== 'remove') ||
      typeof path !== 'string' ||
      !path.startsWith('/')
    )
      return []
    if ((value === undefined) !== (op === 'remove')) return []
    return [{ op, path, value, at: item.origin.path }]
  })
}
