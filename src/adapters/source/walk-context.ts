import { posix } from 'node:path'
import { type ContextSource, contextSource } from '../../core/context/context-source.js'
import { type DiskEntry, type FileCache, isGone } from './file-cache.js'
import type { ServiceRules } from './service-rules.js'

/** One reading of a context. `since`: what was listed before this time of the cache is listed anew. */
export interface Walk {
  readonly cache: FileCache
  readonly signal: AbortSignal
  readonly since: number
}

/** A path within the context, and what is there. */
export interface Seen {
  readonly path: string
  readonly entry: DiskEntry
}

/** The visible entries and the folders that hold them, in the order of their paths. A symlink that a source names is followed within the context, as Docker does. */
export async function walkContext(
  context: string,
  rules: ServiceRules,
  walk: Walk,
): Promise<readonly Seen[]> {
  let sources: readonly ContextSource[] = rules.inputs.sources
  // Each round can only meet links that the one before made visible; a chain longer than this is a loop.
  for (let round = 0; ; round++) {
    const found = await walkFolder('', context, { rules, sources, walk })
    const linked = followLinks(found, sources)
    if (linked.length === 0 || round === 8) return found.filter(one => one.visible)
    sources = [...sources, ...linked]
  }
}

interface Found extends Seen {
  readonly visible: boolean
}

async function walkFolder(
  folder: string,
  context: string,
  options: { readonly rules: ServiceRules; readonly sources: readonly ContextSource[]; readonly walk: Walk },
): Promise<readonly Found[]> {
  const { rules, sources, walk } = options
  if (walk.signal.aborted) return []
  let entries: readonly DiskEntry[]
  try {
    entries = await walk.cache.list(folder === '' ? context : `${context}/${folder}`, walk.since)
  } catch (error) {
    if (folder !== '' && isGone(error)) return []
    throw error
  }
  const below = await Promise.all(
    entries.map(async (entry): Promise<readonly Found[]> => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      const ignored = rules.ignore.decide(path).ignored
      const self = !ignored && sources.some(source => source.sees(path))
      if (entry.type !== 'directory') {
        const leads = !ignored && entry.type === 'symlink' && sources.some(source => source.mayReach(path))
        return self || leads ? [{ path, entry, visible: self || leads }] : []
      }
      if (!sources.some(source => source.mayReach(path)) || (ignored && rules.ignore.canPrune(path)))
        return []
      const inside = await walkFolder(path, context, options)
      return self || inside.some(one => one.visible) ? [{ path, entry, visible: true }, ...inside] : inside
    }),
  )
  return below.flat()
}

function followLinks(found: readonly Found[], sources: readonly ContextSource[]): readonly ContextSource[] {
  const known = new Set(sources.map(source => source.pattern))
  return found.flatMap(({ path, entry }) => {
    if (entry.linkTarget === undefined) return []
    const target = entry.linkTarget.startsWith('/')
      ? entry.linkTarget
      : posix.join('/', posix.dirname(path), entry.linkTarget)
    return sources.flatMap(source => {
      // The link is the source itself, or a folder on the way to it.
      const rest =
        source.pattern === path
          ? ''
          : source.pattern.startsWith(`${path}/`)
            ? source.pattern.slice(path.length)
            : undefined
      if (
        rest === undefined &&
        !(source.pattern !== '.' && source.sees(path) && !source.sees(posix.dirname(path)))
      )
        return []
      const pattern = posix.join(target, rest ?? '').slice(1)
      if (known.has(pattern === '' ? '.' : pattern)) return []
      known.add(pattern)
      return [
        contextSource({
          path: pattern,
          line: source.line,
          instruction: source.instruction,
          excludes: [],
          parents: false,
        }),
      ]
    })
  })
}
