import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname } from 'node:path'

/** Milliseconds of quiet before a change is told: whoever writes in place has the file empty for a moment. */
const QUIET = 50

/**
 * Tells of changes of one file by the system's own notices: its folder's for one that is put in its place, and its own for one that is written in place, of
 * which a folder knows nothing where the file is a mount. What cannot be watched is not.
 */
export function watchFile(path: string, onChange: () => void): () => void {
  let timer: NodeJS.Timeout | undefined
  const changed = (): void => {
    clearTimeout(timer)
    timer = setTimeout(onChange, QUIET).unref()
  }
  const folder = start(dirname(path), (_, name) => {
    if (name !== null && name !== basename(path)) return
    rearm()
    changed()
  })
  let file: FSWatcher | undefined
  const rearm = (): void => {
    file?.close()
    file = start(path, changed)
  }
  rearm()
  return () => {
    clearTimeout(timer)
    folder?.close()
    file?.close()
  }
}

function start(path: string, listener: (event: string, name: string | null) => void): FSWatcher | undefined {
  try {
    const watcher = watch(path, { persistent: false }, listener)
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    return undefined
  }
}
