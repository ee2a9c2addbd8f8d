import type { ConfigDocument } from './document.js'
import type { ConfigPath } from './finding.js'

/** A config file that was read. */
export interface ConfigFile {
  /** Absolute. */
  readonly file: string
  /** Without its byte order mark. */
  readonly text: string
  readonly document: ConfigDocument
  /** Manifests of a file that names none, relative to it. */
  readonly defaultManifests: readonly string[]
}

/** Where a value was written. */
export interface Origin {
  readonly source: ConfigFile
  readonly path: ConfigPath
}

/** Plain data of which every part knows where it was written, so that a config made of several can be merged and its errors are still found. */
export type ConfigTree = MapTree | ListTree | LeafTree

export interface MapTree {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<string, ConfigTree>
  readonly origin: Origin
}

export interface ListTree {
  readonly kind: 'list'
  readonly items: readonly ConfigTree[]
  readonly origin: Origin
}

export interface LeafTree {
  readonly kind: 'leaf'
  readonly value: unknown
  readonly origin: Origin
}

/** Plain data as a tree. */
export function treeOf(value: unknown, origin: Origin): ConfigTree {
  const below = (child: unknown, segment: string | number): ConfigTree =>
    treeOf(child, { source: origin.source, path: [...origin.path, segment] })
  if (Array.isArray(value)) return { kind: 'list', items: value.map(below), origin }
  if (typeof value !== 'object' || value === null) return { kind: 'leaf', value, origin }
  const entries = Object.entries(value).map(([key, child]) => [key, below(child, key)] as const)
  return { kind: 'map', entries: new Map(entries), origin }
}

/** The plain data of a tree. */
export function plainOf(tree: ConfigTree): unknown {
  switch (tree.kind) {
    case 'leaf':
      return tree.value
    case 'list':
      return tree.items.map(plainOf)
    case 'map':
      return Object.fromEntries([...tree.entries].map(([key, child]) => [key, plainOf(child)]))
  }
}

/** The child of a mapping or list; undefined where it has none. */
export function childOf(tree: ConfigTree | undefined, segment: string | number): ConfigTree | undefined {
  if (tree?.kind === 'map') return tree.entries.get(String(segment))
  return tree?.kind === 'list' && typeof segment === 'number' ? tree.items[segment] : undefined
}

/** Where the value at `path` was written; where it is not there, its place below the nearest part that is. */
export function originOf(tree: ConfigTree, path: ConfigPath): Origin & { readonly isThere: boolean } {
  let node = tree
  for (const [depth, segment] of path.entries()) {
    const next = childOf(node, segment)
    if (next === undefined)
      return {
        source: node.origin.source,
        path: [...node.origin.path, ...path.slice(depth)],
        isThere: false,
      }
    node = next
  }
  return { ...node.origin, isThere: true }
}

/** The tree with other entries in its mapping. */
export const withEntries = (
  tree: MapTree,
  entries: Iterable<readonly [string, ConfigTree | undefined]>,
): MapTree => {
  const next = new Map(tree.entries)
  for (const [key, child] of entries) {
    if (child === undefined) next.delete(key)
    else next.set(key, child)
  }
  return { ...tree, entries: next }
}

/** A mapping without entries at the place of a file's top. */
export const emptyTop = (source: ConfigFile): MapTree => ({
  kind: 'map',
  entries: new Map(),
  origin: { source, path: [] },
})
