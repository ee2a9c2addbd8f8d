import { isDeepStrictEqual } from 'node:util'
import {
  type ConfigFile,
  type ConfigTree,
  type ListTree,
  type MapTree,
  plainOf,
  withEntries,
} from './config-tree.js'
import type { FileFinding } from './file-findings.js'
import { finding } from './finding.js'
import { identityOf } from './merge-trees.js'
import { configSchema } from './schema.js'

interface Combined {
  readonly tree: MapTree
  readonly findings: readonly FileFinding[]
}

/** Mappings that every file may add names to; only services may not be there twice even where they are equal. */
const shared = ['services', 'variables', 'storageClasses']
/** Lists that the entries of every file go into. */
const lists = ['manifests', 'preload', 'hosts', 'replace', 'portForward']

/** One config of the root file's and those that it includes, in order. What two files say of the same name is a finding, and the first counts. */
export function combineFiles(
  root: MapTree,
  included: readonly MapTree[],
  shown: (file: ConfigFile) => string,
): Combined {
  const findings: FileFinding[] = []
  let tree = root
  for (const file of included) {
    for (const [key, value] of file.entries) {
      const before = tree.entries.get(key)
      if (lists.includes(key)) {
        tree = withEntries(tree, [[key, before === undefined ? value : append(before, value)]])
      } else if (shared.includes(key)) {
        const names =
          before === undefined ? { tree: value, findings: [] } : addNames(before, value, key, shown)
        findings.push(...names.findings)
        tree = withEntries(tree, [[key, names.tree]])
      } else if (
        // A key that there is not is told already.
        Object.hasOwn(configSchema.shape, key) &&
        key !== 'version' &&
        (before === undefined || !isSame(before, value))
      ) {
        findings.push(elsewhere(key, value, before, shown))
      }
    }
  }
  return { tree, findings }
}

const isSame = (a: ConfigTree, b: ConfigTree): boolean => isDeepStrictEqual(plainOf(a), plainOf(b))

function append(before: ConfigTree, more: ConfigTree): ConfigTree {
  const items = itemsOf(before)
  const known = new Set(items.map(identityOf))
  return {
    kind: 'list',
    origin: before.origin,
    items: [
      ...items,
      ...itemsOf(more).filter(item => !known.has(identityOf(item)) || !items.some(one => isSame(one, item))),
    ],
  } satisfies ListTree
}

const itemsOf = (tree: ConfigTree): readonly ConfigTree[] => {
  if (tree.kind === 'list') return tree.items
  return tree.kind === 'leaf' && tree.value === null ? [] : [tree]
}

function addNames(
  before: ConfigTree,
  more: ConfigTree,
  key: string,
  shown: (file: ConfigFile) => string,
): { readonly tree: ConfigTree; readonly findings: readonly FileFinding[] } {
  if (more.kind !== 'map') return { tree: before, findings: [] }
  if (before.kind !== 'map') return { tree: more, findings: [] }
  const clashes = [...more.entries].flatMap(([name, value]) => {
    const other = before.entries.get(name)
    if (other === undefined || (key !== 'services' && isSame(other, value))) return []
    const isService = key === 'services'
    const noun = isService ? 'the service' : `the name in "${key}"`
    return [
      {
        source: value.origin.source,
        finding: finding(
          value.origin.path,
          `${noun} "${name}" is there twice: ${placeOf(other, shown)} has it, too`,
          {
            on: 'key',
            suggestion: isService
              ? 'rename one of the two; only a profile of the root file can change it'
              : 'give both the same value, or rename one of the two',
          },
        ),
      },
    ]
  })
  const fresh = [...more.entries].filter(([name]) => !before.entries.has(name))
  return { tree: withEntries(before, fresh), findings: clashes }
}

function elsewhere(
  key: string,
  value: ConfigTree,
  before: ConfigTree | undefined,
  shown: (file: ConfigFile) => string,
): FileFinding {
  const message =
    before === undefined
      ? `"${key}" is for the whole project, and the file that includes this one does not have it`
      : `"${key}" is for the whole project, and differs from ${placeOf(before, shown)}`
  return {
    source: value.origin.source,
    finding: finding(value.origin.path, message, {
      on: 'key',
      suggestion: before === undefined ? 'move it there' : 'remove it here, or make it equal',
    }),
  }
}

/** `dev.config.yaml:3`. */
function placeOf(tree: ConfigTree, shown: (file: ConfigFile) => string): string {
  const { source, path } = tree.origin
  return `${shown(source)}:${source.document.locate(path, 'key').line}`
}
