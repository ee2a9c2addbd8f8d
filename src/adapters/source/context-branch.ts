import type { Hash } from 'node:crypto'
import type { ContextFile } from '../../core/build-input.js'
import type { DiskEntry } from './file-cache.js'
import { isSlowToWrite } from './growing-file.js'

/** A visible entry of a context. */
export interface Leaf {
  readonly entry: DiskEntry
  readonly file: ContextFile
  /** Its line of the digest; undefined where it does not count. */
  readonly line: string | undefined
}

/** A folder of a context with all that is visible below it. One in which nothing changed stays the same object, so that a save of one file costs what changed and not what is there. */
export interface Branch {
  /** The folder's own; undefined for the context itself. */
  readonly leaf: Leaf | undefined
  /** In the order of their names. */
  readonly items: readonly (Leaf | Branch)[]
  /** The digest's lines of what lies between two branches, in one piece. */
  readonly lines: readonly (string | Branch)[]
  /** Sum of the sizes of all files below, in bytes. */
  readonly bytes: number
  /** All symlinks below. */
  readonly links: readonly ContextFile[]
  /** All files below that another tool may take a while to write. */
  readonly slow: readonly ContextFile[]
}

export const isBranch = (item: Leaf | Branch): item is Branch => 'items' in item

export function branchOf(leaf: Leaf | undefined, items: readonly (Leaf | Branch)[]): Branch {
  const lines: (string | Branch)[] = []
  let run = leaf?.line ?? ''
  let bytes = 0
  const links: ContextFile[] = []
  const slow: ContextFile[] = []
  for (const item of items) {
    if (isBranch(item)) {
      if (run !== '') lines.push(run)
      run = ''
      lines.push(item)
      bytes += item.bytes
      for (const link of item.links) links.push(link)
      for (const file of item.slow) slow.push(file)
    } else {
      run += item.line ?? ''
      bytes += item.file.size
      if (item.file.type === 'symlink') links.push(item.file)
      if (isSlowToWrite(item.file)) slow.push(item.file)
    }
  }
  if (run !== '') lines.push(run)
  return { leaf, items, lines, bytes, links, slow }
}

/** All visible entries, folders before what is in them. */
export function filesOf(root: Branch): readonly ContextFile[] {
  const files: ContextFile[] = []
  const visit = ({ leaf, items }: Branch): void => {
    if (leaf !== undefined) files.push(leaf.file)
    for (const item of items) {
      if (isBranch(item)) visit(item)
      else files.push(item.file)
    }
  }
  visit(root)
  return files
}

export function digestBranch(hash: Hash, { lines }: Branch): void {
  for (const one of lines) {
    if (typeof one === 'string') hash.update(one)
    else digestBranch(hash, one)
  }
}

/** Paths of what counts and is not the same in both, sorted. */
export function differing(before: Branch, after: Branch): readonly string[] {
  const changed: string[] = []
  const compare = (was: Leaf | Branch | undefined, is: Leaf | Branch | undefined): void => {
    if (was === is) return
    const [earlier, later] = [leafOf(was), leafOf(is)]
    const told = later ?? earlier
    if (told !== undefined && earlier?.line !== later?.line) changed.push(told.file.path)
    const [inEarlier, inLater] = [itemsOf(was), itemsOf(is)]
    for (const [name, item] of inLater) compare(inEarlier.get(name), item)
    for (const [name, item] of inEarlier) if (!inLater.has(name)) compare(item, undefined)
  }
  compare(before, after)
  return changed.sort()
}

const leafOf = (item: Leaf | Branch | undefined): Leaf | undefined =>
  item !== undefined && isBranch(item) ? item.leaf : item

/** What lies in a branch, by name. */
export function itemsOf(item: Leaf | Branch | undefined): ReadonlyMap<string, Leaf | Branch> {
  if (item === undefined || !isBranch(item)) return new Map()
  return new Map(item.items.map(one => [leafOf(one)?.entry.name ?? '', one]))
}
