import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { noiseReason } from '../../core/context/editor-files.js'
import { matchesAny, type PathPattern } from '../../core/hooks/path-pattern.js'
import type { HookFiles } from '../../ports/hooks.js'
import { createFileCache, type DiskEntry, type FileCache } from './file-cache.js'
import { isGone } from './file-calls.js'

/** Digests by content. What did not change on disk is not read again. */
export function createHookFiles(): HookFiles {
  const cache = createFileCache()
  const read: HookFiles['read'] = async (patterns, { except, signal }) => {
    const walk = { cache, since: cache.now(), signal, except }
    const files = new Map<string, string>()
    for (const pattern of patterns) await visitPattern(pattern, walk, files)
    return { digest: digestLines([...files.values()].sort()), files }
  }
  return {
    read,
    digest: async (patterns, options) => (await read(patterns, options)).digest,
    digestOf: (snapshot, context, except) => {
      const lines = snapshot.files
        .filter(file => file.type !== 'directory' && !matchesAny(except, posix.join(context, file.path)))
        .flatMap(({ path, mode, sha256, linkTarget }) => {
          const content = sha256 ?? linkTarget
          return content === undefined ? [] : [JSON.stringify([path, mode, content])]
        })
      const others = Object.entries(snapshot.others ?? {})
        .filter(([path]) => !matchesAny(except, path))
        .map(entry => JSON.stringify(entry))
      return digestLines([...lines, ...others].sort())
    },
  }
}

interface Walk {
  readonly cache: FileCache
  readonly since: number
  readonly signal: AbortSignal
  readonly except: readonly PathPattern[]
}

async function visitPattern(pattern: PathPattern, walk: Walk, found: Map<string, string>): Promise<void> {
  const { base } = pattern
  const folder = await listed(base, walk)
  if (folder !== undefined) {
    await visitFolder(base, folder, { pattern, walk, found })
    return
  }
  const siblings = await listed(posix.dirname(base), walk)
  const entry = siblings?.find(({ name }) => name === posix.basename(base))
  if (entry !== undefined) await visitEntry(base, entry, { pattern, walk, found })
}

interface Visit {
  readonly pattern: PathPattern
  readonly walk: Walk
  readonly found: Map<string, string>
}

async function visitFolder(folder: string, entries: readonly DiskEntry[], visit: Visit): Promise<void> {
  if (visit.walk.signal.aborted) return
  await Promise.all(
    entries.map(async entry => {
      if (entry.name === 'node_modules' || noiseReason(entry.name) !== undefined) return
      await visitEntry(posix.join(folder, entry.name), entry, visit)
    }),
  )
}

async function visitEntry(path: string, entry: DiskEntry, visit: Visit): Promise<void> {
  const { pattern, walk, found } = visit
  if (matchesAny(walk.except, path)) return
  if (entry.type === 'directory') {
    const below = await listed(path, walk)
    if (below !== undefined) await visitFolder(path, below, visit)
    return
  }
  if (!matchesAny([pattern], path)) return
  const content = entry.type === 'symlink' ? entry.linkTarget : await walk.cache.hash(path, entry)
  if (content !== undefined) found.set(path, JSON.stringify([path, entry.type, content]))
}

/** Undefined for what is no folder. */
async function listed(folder: string, { cache, since }: Walk): Promise<readonly DiskEntry[] | undefined> {
  return cache.list(folder, since).catch(error => {
    if (isGone(error)) return undefined
    throw error
  })
}

function digestLines(lines: readonly string[]): string {
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}
