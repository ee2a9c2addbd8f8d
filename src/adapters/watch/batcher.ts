import type { ChangeBatch } from '../../ports/file-watcher.js'

/** No change for this long ends a batch: longer than the gaps within one save, too short to be felt. */
const quietMs = 40
/**
 * No change below one root for this long, while there is no rest below others, ends the batch of that root alone: what one service installs holds up nobody
 * else's save. Longer than the gaps between the folders of one "save all".
 */
const apartMs = 150
/** A stream of writes that never rests is handed over this often. */
const longestMs = 2000
/** git may hold a batch back for this long. */
const longestHoldMs = 15_000

export interface Batcher {
  /** `root` is the watched root that the path is below. */
  add(path: string, root: string, isFolder: boolean): void
  close(): void
}

interface Gathered {
  readonly paths: Set<string>
  readonly folders: Set<string>
  /** Milliseconds since the epoch. */
  readonly firstAt: number
  /** The others are of a clock that nobody sets: one that jumps back would have all saves wait. */
  readonly begunAt: number
  lastAt: number
}

/** Gathers changes until they rest; `busy` says whether somebody is known to be in the middle of more. */
export function createBatcher(options: {
  readonly onBatch: (batch: ChangeBatch) => void
  readonly busy: () => Promise<boolean>
}): Batcher {
  /** By root. */
  const gathered = new Map<string, Gathered>()
  let timer: NodeJS.Timeout | undefined
  let closed = false
  const schedule = (milliseconds: number): void => {
    timer ??= setTimeout(() => {
      void flush().finally(() => {
        timer = undefined
        const now = performance.now()
        if (!closed && gathered.size > 0) schedule(Math.max(1, nextAt([...gathered.values()], now) - now))
      })
    }, milliseconds)
  }
  const flush = async (): Promise<void> => {
    // Where this process was held up, what changed meanwhile is told after the timers.
    await new Promise(resolve => setImmediate(resolve))
    const now = performance.now()
    const roots = dueRoots(gathered, now)
    if (roots.length === 0) return
    const due = roots.flatMap(root => gathered.get(root) ?? [])
    const firstAt = Math.min(...due.map(one => one.firstAt))
    const begunAt = Math.min(...due.map(one => one.begunAt))
    const held = now - begunAt < longestHoldMs && (await options.busy())
    if (closed || held) return
    for (const root of roots) gathered.delete(root)
    options.onBatch({
      paths: [...new Set(due.flatMap(({ paths }) => [...paths]))],
      folders: [...new Set(due.flatMap(({ folders }) => [...folders]))],
      firstAt,
    })
  }
  return {
    add: (path, root, isFolder) => {
      if (closed) return
      const now = performance.now()
      const one = gathered.get(root) ?? {
        paths: new Set(),
        folders: new Set(),
        firstAt: Date.now(),
        begunAt: now,
        lastAt: now,
      }
      gathered.set(root, one)
      one.lastAt = now
      one.paths.add(path)
      if (isFolder) one.folders.add(path)
      schedule(quietMs)
    },
    close: () => {
      closed = true
      clearTimeout(timer)
    },
  }
}

/** The roots whose changes are handed over now: all that rest together, or that alone which has rested for long. */
function dueRoots(gathered: ReadonlyMap<string, Gathered>, now: number): readonly string[] {
  const all = [...gathered.values()]
  const lastAt = Math.max(...all.map(one => one.lastAt))
  if (now - lastAt >= quietMs) return [...gathered.keys()]
  return [...gathered].flatMap(([root, one]) =>
    now - one.lastAt >= apartMs || now - one.begunAt >= longestMs ? [root] : [],
  )
}

/** When there may be something to hand over, if nothing changes until then. */
function nextAt(all: readonly Gathered[], now: number): number {
  const restAt = Math.max(...all.map(one => one.lastAt)) + quietMs
  const after = restAt > now ? restAt : now + quietMs
  return Math.min(
    after,
    ...all.map(one => Math.min(one.lastAt + apartMs, one.begunAt + longestMs)).filter(at => at > now),
  )
}
