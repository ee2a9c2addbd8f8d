import { lstat, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { WatchedInputs } from '../../ports/file-watcher.js'

/** File systems note times by the tick of a clock that is coarser than ours, in milliseconds. */
const TICK = 50

const left: readonly string[] = ['.git', 'node_modules']

/**
 * Reads the times at which files and folders were changed last (ctime), which every write, rename and deletion sets and no program can choose. One entry
 * that is newer is enough.
 */
export async function touchedSince({ files, folders }: WatchedInputs, since: number): Promise<boolean> {
  const limit = since - TICK
  const single = await Promise.all(files.map(file => isNewer(file, limit)))
  if (single.includes(true)) return true
  const below = await Promise.all(folders.map(folder => isFolderNewer(folder, limit)))
  return below.includes(true)
}

/** A file that is not there may have gone: then the folder that held it tells. */
async function isNewer(path: string, limit: number): Promise<boolean> {
  for (let place = path; ; place = dirname(place)) {
    const found = await lstat(place).catch(() => undefined)
    if (found !== undefined) return found.ctimeMs >= limit
    if (place === dirname(place)) return false
  }
}

async function isFolderNewer(folder: string, limit: number): Promise<boolean> {
  if (await isNewer(folder, limit)) return true
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const newer = await Promise.all(
    entries
      .filter(({ name }) => !left.includes(name))
      .map(entry => {
        const path = join(folder, entry.name)
        return entry.isDirectory() ? isFolderNewer(path, limit) : isNewer(path, limit)
      }),
  )
  return newer.includes(true)
}
