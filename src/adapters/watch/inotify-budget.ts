import { readdir, readFile, readlink } from 'node:fs/promises'
import type { WatchFailed } from '../../core/problem.js'

/** Why that many folders cannot be watched; undefined where they can, or nobody can know (not Linux). */
export async function inotifyShortage(folders: number, path: string): Promise<WatchFailed | undefined> {
  const reading = await readInotify()
  return reading === undefined ? undefined : shortageOf(reading, folders, path)
}

/** Why so many folders are too many beside what is taken already. */
export function shortageOf(
  { maxWatches: watches, maxInstances: instances, ...used }: InotifyReading,
  folders: number,
  path: string,
): WatchFailed | undefined {
  if (watches !== undefined && used.watches + folders > watches)
    return shortage(path, {
      name: 'max_user_watches',
      limit: watches,
      needed: used.watches + folders,
      text: `${folders} folders are to be watched, ${used.watches} watches are taken by your other programs and the system allows ${watches}`,
    })
  if (instances !== undefined && used.instances + 1 > instances)
    return shortage(path, {
      name: 'max_user_instances',
      limit: instances,
      needed: used.instances + 1,
      text: `your programs hold all ${instances} inotify instances that the system allows`,
    })
  return undefined
}

/** The problem for an error that the system gave while watching. */
export function watchProblem(error: unknown, path: string): WatchFailed {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const message = error instanceof Error ? error.message : String(error)
  switch (code) {
    case 'ENOSPC':
      return shortage(path, {
        name: 'max_user_watches',
        limit: 0,
        needed: 0,
        text: 'the system has no inotify watch left',
      })
    case 'EMFILE':
      return shortage(path, {
        name: 'max_user_instances',
        limit: 0,
        needed: 0,
        text: 'the system has no inotify instance or file handle left',
      })
    case 'EACCES':
    case 'EPERM':
      return { kind: 'watch-failed', path, reason: 'permission', message }
    default:
      return { kind: 'watch-failed', path, reason: 'other', message }
  }
}

function shortage(
  path: string,
  {
    name,
    limit,
    needed,
    text,
  }: { readonly name: string; readonly limit: number; readonly needed: number; readonly text: string },
): WatchFailed {
  const usual = name === 'max_user_watches' ? 524_288 : 1024
  // Doubled, so that the next project does not meet the same wall.
  const value = Math.max(usual, limit * 2, needed * 2)
  return {
    kind: 'watch-failed',
    path,
    reason: 'limit',
    message: text,
    hint: `sudo sysctl fs.inotify.${name}=${value}`,
  }
}

/** The limits of inotify and what this user holds of them; undefined where the system has no inotify. */
export async function readInotify(): Promise<InotifyReading | undefined> {
  if (process.platform !== 'linux') return undefined
  const [maxWatches, maxInstances, used] = await Promise.all([
    readLimit('max_user_watches'),
    readLimit('max_user_instances'),
    usedByUser(),
  ])
  return { maxWatches, maxInstances, ...used }
}

export interface InotifyReading {
  readonly maxWatches: number | undefined
  readonly maxInstances: number | undefined
  readonly watches: number
  readonly instances: number
}

async function readLimit(name: string): Promise<number | undefined> {
  const text = await readFile(`/proc/sys/fs/inotify/${name}`, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : Number(text)
}

/** What this user's processes hold, as far as /proc shows it. */
async function usedByUser(): Promise<{ readonly watches: number; readonly instances: number }> {
  const processes = (await readdir('/proc').catch(() => [])).filter(name => /^\d+$/.test(name))
  const used = await Promise.all(processes.map(usedByProcess))
  return {
    watches: used.reduce((sum, { watches }) => sum + watches, 0),
    instances: used.reduce((sum, { instances }) => sum + instances, 0),
  }
}

async function usedByProcess(id: string): Promise<{ readonly watches: number; readonly instances: number }> {
  const total = { watches: 0, instances: 0 }
  const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '')
  if (Number(/^Uid:\s+(\d+)/m.exec(status)?.[1] ?? -1) !== process.getuid?.()) return total
  for (const fd of await readdir(`/proc/${id}/fd`).catch(() => [])) {
    // One look at its name costs a fifth of reading it, and of a hundred descriptors hardly one is of inotify.
    const link = await readlink(`/proc/${id}/fd/${fd}`).catch(() => '')
    if (link !== 'anon_inode:inotify') continue
    const info = await readFile(`/proc/${id}/fdinfo/${fd}`, 'utf8').catch(() => '')
    total.watches += info.match(/^inotify /gm)?.length ?? 0
    total.instances++
  }
  return total
}
