import { type FSWatcher, watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname, sep } from 'node:path'

/** Tells that a root may have come, gone or been replaced. */
export interface RootChanges {
  /** Looks at the folders that lead to these roots, and no longer at others. */
  follow(roots: readonly string[]): Promise<void>
  close(): void
}

/**
 * A watch on a folder says nothing of a folder above it that is renamed, and none can be put on what is not there yet. So each folder on the way from
 * the roots' common parent down to a root is watched for the name of the next one, and for its own.
 */
export function createRootChanges(onChange: () => void): RootChanges {
  let watchers: readonly FSWatcher[] = []
  let generation = 0
  const close = (): void => {
    generation += 1
    for (const watcher of watchers) watcher.close()
    watchers = []
  }
  return {
    follow: async roots => {
      close()
      const current = generation
      const steps = await existing(stepsTo(roots))
      if (current !== generation) return
      watchers = steps.flatMap(([folder, names]) => open(folder, names, onChange))
    },
    close,
  }
}

/** The folders that lead to the roots, each with the names in it that matter: pure, so without asking whether they are there. */
export function stepsTo(roots: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const base = commonFolder(roots)
  const steps = new Map<string, Set<string>>()
  for (const root of roots) {
    for (let path = root; path !== dirname(path); path = dirname(path)) {
      const folder = dirname(path)
      if (folder !== base && !folder.startsWith(base === sep ? sep : base + sep)) break
      const names = steps.get(folder) ?? new Set()
      steps.set(folder, names.add(basename(path)))
    }
  }
  return steps
}

/** The deepest folder that holds every root. */
function commonFolder(roots: readonly string[]): string {
  const [first = sep, ...others] = roots
  let folder = dirname(first)
  while (folder !== dirname(folder) && !others.every(root => root.startsWith(folder + sep)))
    folder = dirname(folder)
  return folder
}

/** In place of a folder that is not there, the nearest one above it: the folder's own name is what is waited for. */
async function existing(
  steps: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<readonly (readonly [string, ReadonlySet<string>])[]> {
  const found = new Map<string, ReadonlySet<string>>()
  for (const [step, names] of steps) {
    let [folder, wanted] = [step, names]
    while (folder !== dirname(folder) && !(await isFolder(folder)))
      [folder, wanted] = [dirname(folder), new Set([basename(folder)])]
    found.set(folder, new Set([...(found.get(folder) ?? []), ...wanted]))
  }
  return [...found]
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true
}

function open(folder: string, names: ReadonlySet<string>, onChange: () => void): readonly FSWatcher[] {
  try {
    // `change` tells of content, which the roots' own watches see.
    const watcher = watch(folder, (event, name) => {
      if (event === 'rename' && (name === null || names.has(name) || name === basename(folder))) onChange()
    })
    // A folder that goes away ends its watch, on some systems with an error: that is a change like others.
    watcher.on('error', onChange)
    return [watcher]
  } catch {
    // It went away just now, or may not be read. The slow look at the roots is there for it.
    return []
  }
}
