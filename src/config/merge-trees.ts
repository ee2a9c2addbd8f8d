import { type ConfigTree, type ListTree, type MapTree, plainOf, withEntries } from './config-tree.js'
import type { ConfigPath } from './finding.js'
import { manifestKinds } from './manifest-schema.js'

/**
 * Puts a profile's part of the config over what is there: mappings key by key; lists item by item, where an item of the same name, path or the like is merged,
 * a text that is there already is not repeated, and everything else comes behind; any other value in place of the one before. An empty value changes nothing.
 */
export function mergeTrees(base: ConfigTree, overlay: ConfigTree, path: ConfigPath = []): ConfigTree {
  if (isNothing(overlay)) return base
  if (isNothing(base)) return overlay
  const below = longForm(base, path, overlay)
  const above = longForm(overlay, path, base)
  if (below.kind === 'map' && above.kind === 'map') return mergeMaps(below, above, path)
  if (below.kind === 'list' && above.kind === 'list' && !isArgumentList(path))
    return mergeLists(below, above, path)
  return above
}

const isNothing = (tree: ConfigTree): boolean => tree.kind === 'leaf' && tree.value === null

function mergeMaps(base: MapTree, overlay: MapTree, path: ConfigPath): MapTree {
  const choice = choiceAt(path)
  const excluded = [...base.entries.keys()].filter(key => choice(key) && !overlay.entries.has(key))
  const isOtherChoice = [...overlay.entries.keys()].some(choice)
  return withEntries(base, [
    ...(isOtherChoice ? excluded.map(key => [key, undefined] as const) : []),
    ...[...overlay.entries].map(([key, child]) => {
      const before = base.entries.get(key)
      return [key, before === undefined ? child : mergeTrees(before, child, [...path, key])] as const
    }),
  ])
}

function mergeLists(base: ListTree, overlay: ListTree, path: ConfigPath): ListTree {
  const items = [...base.items]
  for (const item of overlay.items) {
    const identity = identityOf(item)
    const at = identity === undefined ? -1 : items.findIndex(other => identityOf(other) === identity)
    const before = items[at]
    if (before === undefined) items.push(item)
    else items[at] = mergeTrees(before, item, [...path, at])
  }
  return { ...base, items }
}

/** What tells an item of a list from others, by the first of these keys that it has. */
const identities: readonly (readonly [string, ...string[]])[] = [
  ['id'],
  ['name'],
  ['kind', 'path'],
  ['path'],
  ['kustomize'],
  ['helm', 'release'],
  ['to', 'port'],
  ['match'],
  ['arg'],
  ['http'],
  ['tcp'],
]

/** What an item of a list goes by: `k8s` for both `k8s` and `{ path: k8s }`; undefined for one that goes by nothing. */
export function identityOf(item: ConfigTree): string | undefined {
  if (item.kind === 'leaf') return String(item.value)
  if (item.kind === 'list') return undefined
  const keys = identities.find(([first]) => item.entries.has(first))
  if (keys === undefined) return undefined
  const values = keys.flatMap(key => {
    const value = item.entries.get(key)
    return value === undefined ? [] : String(plainOf(value))
  })
  return values.join(' ')
}

const pattern = (path: ConfigPath): string =>
  path
    .map((segment, index) =>
      typeof segment === 'number' || (path[0] === 'services' && index === 1) ? '*' : segment,
    )
    .join('.')

/** A program with its arguments is one value. */
const isArgumentList = (path: ConfigPath): boolean =>
  path.at(-1) === 'run' ||
  path.at(-1) === 'command' ||
  path.slice(0, 3).join('.') === 'cluster.process.images'

/** Which keys of a mapping exclude each other. */
function choiceAt(path: ConfigPath): (key: string) => boolean {
  switch (pattern(path)) {
    case 'cluster':
      return () => true
    case 'manifests.*':
      return key => (manifestKinds as readonly string[]).includes(key)
    case 'services.*.secrets.*':
      return key => key === 'file' || key === 'env'
    case 'services.*.dependsOn.*':
      return key => key === 'http' || key === 'tcp'
    default:
      return () => false
  }
}

/** Keys that a text stands for. */
const shortForms: Readonly<Record<string, string>> = {
  namespace: 'default',
  'cluster.kind': 'name',
  'cluster.k3d': 'name',
  'cluster.minikube': 'profile',
  'cluster.context': 'name',
  'manifests.*': 'path',
}
const listForms: ReadonlySet<string> = new Set(['manifests', 'manifests.*.values'])

/** A value that may be written short as the mapping or list that it stands for, where the other one is such. */
function longForm(tree: ConfigTree, path: ConfigPath, other: ConfigTree): ConfigTree {
  const at = pattern(path)
  const { origin } = tree
  if (listForms.has(at) && tree.kind !== 'list') return { kind: 'list', items: [tree], origin }
  const key = shortForms[at]
  return key !== undefined && tree.kind === 'leaf' && other.kind === 'map'
    ? { kind: 'map', entries: new Map([[key, tree]]), origin }
    : tree
}
