import { posix } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ContextFile } from '../../core/build-input.js'
import { type ContextSource, contextSource } from '../../core/context/context-source.js'
import { noiseReason } from '../../core/context/editor-files.js'
import { type Branch, branchOf, isBranch, itemsOf, type Leaf } from './context-branch.js'
import { lineOf } from './digest-lines.js'
import { type DiskEntry, type FileCache, isSameEntry } from './file-cache.js'
import { isGone } from './file-calls.js'
import type { ServiceRules } from './service-rules.js'

/** One reading of a context. `since`: what was listed before this time of the cache is listed anew. */
export interface Walk {
  readonly cache: FileCache
  readonly signal: AbortSignal
  readonly since: number
}

/** What decides what of a context counts. */
export interface ContextView {
  /** The folder, symlinks resolved. */
  readonly context: string
  readonly rules: Pick<ServiceRules, 'inputs' | 'ignore'>
  /** Whether `watch.ignore` leaves a path out of the digest. */
  readonly isIgnored: (path: string) => boolean
}

/** A folder as a walk found it. Only good for the same view. */
export interface Remembered {
  /** The cache's time at which the walk came there: what has changed since is not in it. */
  readonly at: number
  /** The folder as the one that it lies in has it. */
  readonly entry: DiskEntry | undefined
  /** Undefined where nothing is visible. */
  readonly branch: Branch | undefined
  /** Whether all of it was read, and none of it while somebody wrote. */
  readonly isSettled: boolean
  /** What lies in it, by name. */
  readonly folders: ReadonlyMap<string, Remembered>
}

/** One round of a walk: each follows the links that the one before met. */
export interface Round {
  /** The paths that links led to, as one text. */
  readonly followed: string
  readonly root: Remembered
}

/** Of one folder. What lies in a folder of it comes on top. */
const MOST_AT_ONCE = 256
const FOLDER_WEIGHT = 32
/** Entries that are described in one turn, before the rest of the program has its own. */
const LONGEST_TURN = 2000

/**
 * The visible entries and the folders that hold them: the last round has them all. A symlink that a source names is followed within the context, as Docker does. Folders in which nothing has
 * changed since the walk `before` are not looked at again.
 */
export async function walkContext(
  view: ContextView,
  before: readonly Round[],
  walk: Walk,
): Promise<readonly Round[]> {
  let sources: readonly ContextSource[] = view.rules.inputs.sources
  const turn = { left: LONGEST_TURN }
  const rounds: Round[] = []
  const links: string[] = []
  // Each round can only meet links that the one before made visible; a chain longer than this is a loop.
  while (rounds.length <= 8) {
    const followed = JSON.stringify(links)
    const known = before.find(one => one.followed === followed)?.root
    const root = await walkFolder(undefined, known, { ...view, sources, walk, turn })
    rounds.push({ followed, root })
    const linked = followLinks(root.branch?.links ?? [], sources)
    if (linked.length === 0) break
    sources = [...sources, ...linked]
    links.push(...linked.map(({ pattern }) => pattern))
  }
  return rounds
}

interface WalkedView extends ContextView {
  readonly sources: readonly ContextSource[]
  readonly walk: Walk
  readonly turn: { left: number }
}

/** A folder below the context. */
interface Place {
  readonly path: string
  readonly entry: DiskEntry
  readonly isVisible: boolean
}

async function walkFolder(
  place: Place | undefined,
  known: Remembered | undefined,
  view: WalkedView,
): Promise<Remembered> {
  const { cache, since, signal } = view.walk
  const folder = place === undefined ? view.context : `${view.context}/${place.path}`
  const entry = place?.entry
  // Another one may have taken its place, and all that is known below it is of the one before.
  const isReplaced = known?.entry !== undefined && (entry === undefined || !isSameEntry(known.entry, entry))
  if (known?.isSettled && !isReplaced && known.at > since && cache.changedAt(folder) < known.at) return known
  const at = cache.now()
  const nothing: Remembered = { at, entry, branch: undefined, isSettled: false, folders: new Map() }
  if (signal.aborted) return nothing
  let entries: readonly DiskEntry[]
  try {
    entries = await cache.list(folder, isReplaced ? at : since)
  } catch (error) {
    if (place !== undefined && isGone(error)) return nothing
    throw error
  }
  await haveTurn(view, entries.length)
  const before = itemsOf(known?.branch)
  const folders = new Map<string, Remembered>()
  const describe = async (one: DiskEntry): Promise<Described> => {
    const path = place === undefined ? one.name : `${place.path}/${one.name}`
    const sight = sightOf(path, one, view)
    if (sight === 'none') return { item: undefined, isSettled: true }
    if (one.type !== 'directory') return leafOf(path, { entry: one, before: before.get(one.name), view })
    const below = { path, entry: one, isVisible: sight === 'visible' }
    const walked = await walkFolder(below, known?.folders.get(one.name), view)
    folders.set(one.name, walked)
    return { item: walked.branch, isSettled: walked.isSettled }
  }
  const found: Described[] = []
  for (const batch of batches(entries))
    for (const one of await Promise.all(batch.map(describe))) found.push(one)
  const items = found.flatMap(({ item }) => item ?? [])
  const isShown = place === undefined || place.isVisible || items.length > 0
  const own = place === undefined ? undefined : leafOfFolder(place, { before: known?.branch?.leaf, view })
  const branch = isShown ? branchOf(own, items) : undefined
  return {
    at,
    entry,
    branch: isSame(known?.branch, branch) ? known?.branch : branch,
    // What was left out for want of time is not what is there.
    isSettled: !signal.aborted && found.every(one => one.isSettled),
    folders,
  }
}

/** Entries that are described at once: all of a large context's would be as many promises, which cost more than the reading. */
function* batches(entries: readonly DiskEntry[]): Generator<readonly DiskEntry[]> {
  let batch: DiskEntry[] = []
  let room = MOST_AT_ONCE
  for (const entry of entries) {
    batch.push(entry)
    room -= entry.type === 'directory' ? FOLDER_WEIGHT : 1
    if (room > 0) continue
    yield batch
    batch = []
    room = MOST_AT_ONCE
  }
  yield batch
}

async function haveTurn({ turn }: WalkedView, entries: number): Promise<void> {
  turn.left -= entries
  if (turn.left >= 0) return
  turn.left = LONGEST_TURN
  await nextTurn()
}

/** Whether an entry is to be seen itself, or may have something in it that is. */
function sightOf(
  path: string,
  { type }: DiskEntry,
  { rules, sources }: WalkedView,
): 'visible' | 'within' | 'none' {
  const isOut = rules.ignore.decide(path).ignored
  if (!isOut && sources.some(source => source.sees(path))) return 'visible'
  const isReached = sources.some(source => source.mayReach(path))
  if (type === 'directory') return isReached && !(isOut && rules.ignore.canPrune(path)) ? 'within' : 'none'
  // A link on the way to what a source names.
  return !isOut && type === 'symlink' && isReached ? 'visible' : 'none'
}

interface Described {
  readonly item: Leaf | Branch | undefined
  readonly isSettled: boolean
}

async function leafOf(
  path: string,
  {
    entry,
    before,
    view,
  }: { readonly entry: DiskEntry; readonly before: Leaf | Branch | undefined; readonly view: WalkedView },
): Promise<Described> {
  const { cache, signal } = view.walk
  const place = `${view.context}/${path}`
  const counts = isCounted(path, view)
  const isRead = entry.type === 'file' && counts
  const isKnown = () => !isRead || cache.isSettled(place, entry)
  if (before !== undefined && !isBranch(before) && isSameEntry(before.entry, entry) && isKnown())
    return { item: before, isSettled: true }
  const file = fileOf(path, entry)
  if (!isRead)
    return {
      item: { entry, file, line: counts ? lineOf(file, entry.linkTarget ?? '') : undefined },
      isSettled: true,
    }
  const sha256 = signal.aborted ? undefined : await cache.hash(place, entry)
  if (sha256 === undefined) return { item: undefined, isSettled: false }
  return { item: { entry, file: { ...file, sha256 }, line: lineOf(file, sha256) }, isSettled: isKnown() }
}

function leafOfFolder(
  { path, entry }: Place,
  { before, view }: { readonly before: Leaf | undefined; readonly view: WalkedView },
): Leaf {
  if (before !== undefined && isSameEntry(before.entry, entry)) return before
  const file = fileOf(path, entry)
  return { entry, file, line: isCounted(path, view) ? lineOf(file, '') : undefined }
}

/** Whether a path is in the digest: what editors leave behind and what `watch.ignore` names is sent all the same. */
const isCounted = (path: string, { isIgnored }: ContextView): boolean =>
  noiseReason(path) === undefined && !isIgnored(path)

const fileOf = (path: string, { type, mode, size, mtimeNs, linkTarget }: DiskEntry): ContextFile => ({
  path,
  type,
  mode,
  size,
  mtimeMs: Number(mtimeNs / 1000n) / 1000,
  ...(linkTarget === undefined ? {} : { linkTarget }),
})

function isSame(a: Branch | undefined, b: Branch | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return (
    a.leaf === b.leaf &&
    a.items.length === b.items.length &&
    a.items.every((item, at) => item === b.items[at])
  )
}

function followLinks(
  files: readonly ContextFile[],
  sources: readonly ContextSource[],
): readonly ContextSource[] {
  const known = new Set(sources.map(source => source.pattern))
  return files.flatMap(({ path, linkTarget }) => {
    if (linkTarget === undefined) return []
    const target = linkTarget.startsWith('/') ? linkTarget : posix.join('/', posix.dirname(path), linkTarget)
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
