import { isAbsolute, posix, win32 } from 'node:path'
import type * as z from 'zod'
import { type ConfigTree, childOf, type MapTree, treeOf, withEntries } from './config-tree.js'
import { configSchema } from './schema.js'
import { expand, filePaths, step } from './schema-walk.js'

/**
 * The config of an included file as the root file would have it: every path is relative to the root's folder. `folder` is that of the included file,
 * relative to the root's, with `/`; paths that are absolute or begin in the home folder stay.
 */
export function rebaseTree(tree: MapTree, folder: string): MapTree {
  const rebased = rebase(withImpliedPaths(tree), expand(configSchema), folder)
  return rebased.kind === 'map' ? rebased : tree
}

function rebase(tree: ConfigTree, schemas: readonly z.core.$ZodType[], folder: string): ConfigTree {
  const below = (segment: string | number): readonly z.core.$ZodType[] =>
    schemas.flatMap(schema => step(schema, segment)).flatMap(expand)
  switch (tree.kind) {
    case 'leaf':
      return typeof tree.value === 'string' && schemas.some(schema => filePaths.has(schema))
        ? { ...tree, value: rebasePath(tree.value, folder) }
        : tree
    case 'list':
      return { ...tree, items: tree.items.map((item, at) => rebase(item, below(at), folder)) }
    case 'map':
      return withEntries(
        tree,
        [...tree.entries].map(([key, child]) => [key, rebase(child, below(key), folder)] as const),
      )
  }
}

const rebasePath = (path: string, folder: string): string =>
  path === '~' || /^~[/\\]/.test(path) || isAbsolute(path) || win32.isAbsolute(path)
    ? path
    : posix.join(folder, path)

/** Defaults that depend on the file's folder, as if they had been written: where services are built, and where commands run. */
function withImpliedPaths(tree: MapTree): MapTree {
  const { services, manifests } = {
    services: childOf(tree, 'services'),
    manifests: childOf(tree, 'manifests'),
  }
  return withEntries(tree, [
    ...(services?.kind === 'map' ? [['services', withContexts(services)] as const] : []),
    ...(manifests === undefined ? [] : [['manifests', withFolders(manifests)] as const]),
  ])
}

const withContexts = (services: MapTree): MapTree =>
  withEntries(
    services,
    [...services.entries].map(([name, service]) => {
      const isEmpty = service.kind === 'leaf' && service.value === null
      if (service.kind !== 'map' && !isEmpty) return [name, service] as const
      const map: MapTree =
        service.kind === 'map' ? service : { kind: 'map', entries: new Map(), origin: service.origin }
      return [name, map.entries.has('context') ? map : withDefault(map, 'context', name)] as const
    }),
  )

function withFolders(manifests: ConfigTree): ConfigTree {
  if (manifests.kind === 'list') return { ...manifests, items: manifests.items.map(withFolders) }
  if (manifests.kind !== 'map' || !manifests.entries.has('command') || manifests.entries.has('cwd'))
    return manifests
  return withDefault(manifests, 'cwd', '.')
}

/** The mapping with a value that nobody wrote; what is wrong with it is told at the mapping. */
const withDefault = (map: MapTree, key: string, value: string): MapTree =>
  withEntries(map, [[key, treeOf(value, { source: map.origin.source, path: [...map.origin.path, key] })]])
