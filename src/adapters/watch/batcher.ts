import type { ChangeBatch } from '../../ports/file-watcher.js'

/** No change for this long ends a batch: longer than the gaps within one save, too short to be felt. */
const quietMs = 40
/** A stream of writes that never rests is handed over this often. */
const longestMs = 2000
/** git may hold a batch back for this long. */
const longestHoldMs = 15_000

export interface Batcher {
  add(path: string, isFolder: boolean): void
  close(): void
}

/** Gathers changes until they rest; `busy` says whether somebody is known to be in the middle of more. */
export function createBatcher(options: {
  readonly onBatch: (batch: ChangeBatch) => void
  readonly busy: () => Promise<boolean>
}): Batcher {
  let paths = new Set<string>()
  let folders = new Set<string>()
  let firstAt = 0
  let timer: NodeJS.Timeout | undefined
  let closed = false
  const schedule = (): void => {
    clearTimeout(timer)
    const left = firstAt + longestMs - Date.now()
    timer = setTimeout(() => void flush(), Math.max(0, Math.min(quietMs, left < 0 ? quietMs : left)))
  }
  const flush = async (): Promise<void> => {
    const held = Date.now() - firstAt < longestHoldMs && (await options.busy())
    if (closed || paths.size === 0) return
    if (held) return schedule()
    const batch: ChangeBatch = { paths: [...paths], folders: [...folders], firstAt }
    paths = new Set()
    folders = new Set()
    options.onBatch(batch)
  }
  return {
    add: (path, isFolder) => {
      if (closed) return
      if (paths.size === 0) firstAt = Date.now()
      paths.add(path)
      if (isFolder) folders.add(path)
      if (Date.now() - firstAt < longestMs || timer === undefined) schedule()
    },
    close: () => {
      closed = true
      clearTimeout(timer)
    },
  }
}
