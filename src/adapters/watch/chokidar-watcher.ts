import type { Stats } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import type { FSWatcher } from 'chokidar'
import type { Problem } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { FileWatch, FileWatcher, WatchRoot } from '../../ports/file-watcher.js'
import { createBatcher } from './batcher.js'
import { createFolderIdentities } from './folder-identities.js'
import { gitFolderOf, gitIsBusy } from './git-activity.js'
import { inotifyShortage, watchProblem } from './inotify-budget.js'
import { createRootChanges } from './root-changes.js'
import { touchedSince } from './touched-since.js'

/** The folders that lead to the roots are watched too; on file systems that tell nothing of these, the roots are looked at this often. */
const rootCheckMs = 30_000
/** Somebody who replaces a folder takes more than one step. */
const rootQuietMs = 50
/** A burst beyond this may have overflowed the kernel's queue (16384 by default), which Node does not report: the roots are read whole. */
const burstPaths = 8000

/** A root as it is on disk now. */
interface Mounted {
  readonly root: WatchRoot
  /** What chokidar watches: the real folder, or the folder that holds a single file. */
  readonly folder: string
  readonly file: string | undefined
  readonly identity: string
}

/**
 * Watches with chokidar 5. Only folders are watched: chokidar would take one inotify watch for each file too, and a folder's own events name the file
 * (its `raw` events), so that 20 000 files in 1000 folders cost 1000 watches. Where it polls (CHOKIDAR_USEPOLLING) it watches the files as well.
 * `awaitWriteFinish` and `atomic` stay off: content hashes sort out half-written files, and the batch makes one change of an atomic save.
 */
export function createFileWatcher(): FileWatcher {
  return {
    touchedSince,
    watch: async (roots, handlers) => {
      const { watch } = await import('chokidar')
      let mounted: readonly Mounted[] = []
      let wanted: readonly WatchRoot[] = roots
      let gitFolders: readonly string[] = []
      const polls = /^(1|true)$/i.test(process.env.CHOKIDAR_USEPOLLING ?? '')
      /** Folders with a chokidar of their own. */
      let tops: readonly string[] = []
      /**
       * What another one watches is none of this one's: chokidars share the system's watch on a folder, and one that still holds it while another
       * folder takes the place would have the others take up the watch on what is gone.
       */
      const isOthers = (top: string, path: string): boolean =>
        tops.some(other => other.startsWith(top + sep) && (path === other || path.startsWith(other + sep)))
      const identities = createFolderIdentities()
      const ignored = (top: string, path: string, stats?: Stats): boolean => {
        const leftOut = isLeftOut(top, path, stats)
        if (!leftOut && stats?.isDirectory() === true) identities.saw(path, stats)
        return leftOut
      }
      const isLeftOut = (top: string, path: string, stats?: Stats): boolean => {
        if (isOthers(top, path)) return true
        const holders = mounted.filter(one => path === one.folder || path.startsWith(one.folder + sep))
        if (holders.some(one => path === one.folder)) return false
        if (holders.length === 0) return true
        if (stats === undefined) return false
        if (!stats.isDirectory() && !polls) return true
        return !holders.some(one => wants(one, path, stats.isDirectory()))
      }
      // One chokidar for each root: `ready` comes once in a watcher's life, and what was unwatched in one stays ignored in it.
      const watchers = new Map<string, FSWatcher>()
      const batcher = createBatcher({
        onBatch: batch => {
          const all = (paths: readonly string[]) => [...new Set([...paths, ...wanted.map(root => root.path)])]
          handlers.onBatch(
            batch.paths.length < burstPaths
              ? batch
              : { ...batch, paths: all(batch.paths), folders: all(batch.folders) },
          )
        },
        busy: async () =>
          (await Promise.all(gitFolders.map(one => gitIsBusy(one, Date.now())))).includes(true),
      })
      const changed = (path: string, isDirectory: boolean): void => {
        for (const one of mounted) {
          if (path !== one.folder && !path.startsWith(one.folder + sep)) continue
          if (path === one.folder || !wants(one, path, isDirectory)) continue
          batcher.add(
            one.file === undefined ? join(one.root.path, path.slice(one.folder.length)) : one.root.path,
            one.root.path,
            isDirectory,
          )
        }
      }
      const report = (error: unknown): void => handlers.onProblem(watchProblem(error, wanted[0]?.path ?? ''))
      const open = async (folder: string): Promise<void> => {
        const watcher = watch([], {
          ignored: (path, stats) => ignored(folder, path, stats),
          ignoreInitial: true,
          followSymlinks: false,
          atomic: false,
          ignorePermissionErrors: true,
        })
        watchers.set(folder, watcher)
        watcher.on('all', (event, path) => {
          if (event === 'unlinkDir') identities.left(path)
          changed(path, event.endsWith('Dir'))
        })
        watcher.on('raw', (_event, name, details) => {
          const { watchedPath } = details as { readonly watchedPath?: string }
          if (watchedPath === undefined || typeof name !== 'string' || name === '') return
          const path = join(watchedPath, name)
          changed(path, false)
          if (identities.knows(path)) doubt(path)
        })
        watcher.on('error', report)
        const ready = new Promise<void>(resolve => watcher.once('ready', resolve))
        watcher.add(folder)
        await ready
      }
      const shut = async (folder: string): Promise<void> => {
        const watcher = watchers.get(folder)
        watchers.delete(folder)
        await watcher?.close()
        identities.leftAll(folder)
      }

      const mount = async (): Promise<Result<void, Problem>> => {
        const found = (await Promise.all(wanted.map(find))).filter(one => one !== undefined)
        const above = [...new Set(found.map(one => one.folder))].filter(folder => !isCovered(folder, found))
        const fresh = above.filter(folder => !watchers.has(folder))
        const shortage = await inotifyShortage(
          (await foldersIn(found, new Set(fresh))).size,
          wanted[0]?.path ?? '',
        )
        if (shortage !== undefined && !polls) return err(shortage)
        mounted = found
        tops = above
        const git = await Promise.all(found.map(one => gitFolderOf(one.folder)))
        gitFolders = [...new Set(git.filter(one => one !== undefined))]
        await Promise.all([...watchers.keys()].filter(folder => !tops.includes(folder)).map(shut))
        await Promise.all(fresh.map(open))
        for (const folder of tops) if (!fresh.includes(folder)) await widen(folder, found)
        return ok(undefined)
      }
      /** Takes up folders that the rules left out when the watch began. */
      const widen = async (top: string, found: readonly Mounted[]): Promise<void> => {
        const watcher = watchers.get(top)
        if (watcher === undefined) return
        const watched = new Set(Object.keys(watcher.getWatched()))
        for (const folder of await foldersIn(found, new Set([top]))) {
          if (!watched.has(folder)) watcher.add(folder)
        }
      }
      let turn: Promise<unknown> = Promise.resolve()
      // One at a time: two that open the same folder would lose one of its watchers.
      const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
        const mine = turn.then(work)
        turn = mine.catch(() => {})
        return mine
      }
      let closed = false
      const checkRoots = async (): Promise<void> => {
        if (closed) return
        const found = await Promise.all(wanted.map(find))
        const moved = wanted.filter((root, at) => identityOf(mounted, root) !== found[at]?.identity)
        if (moved.length === 0) return
        const stale = mounted.filter(one => moved.includes(one.root)).map(one => one.folder)
        await Promise.all(stale.map(shut))
        const outcome = await mount()
        if (!outcome.ok) handlers.onProblem(outcome.error)
        for (const root of moved) batcher.add(root.path, root.path, true)
        await followRoots()
      }
      const doubted = new Set<string>()
      let doubtTimer: NodeJS.Timeout | undefined
      /** Looks, once it is quiet, whether the folder at a path is still the one that is watched. */
      const doubt = (path: string): void => {
        if (closed) return
        doubted.add(path)
        clearTimeout(doubtTimer)
        doubtTimer = setTimeout(() => void inTurn(checkDoubted).catch(report), rootQuietMs)
      }
      const checkDoubted = async (): Promise<void> => {
        if (closed) return
        const paths = [...doubted]
        doubted.clear()
        const replaced = await identities.replaced(paths)
        const stale = tops.filter(top => replaced.some(path => path === top || path.startsWith(top + sep)))
        if (stale.length === 0) return
        await Promise.all(stale.map(shut))
        const outcome = await mount()
        if (!outcome.ok) handlers.onProblem(outcome.error)
        for (const path of replaced) changed(path, true)
      }
      let timer: NodeJS.Timeout | undefined
      const checkIn = (milliseconds: number): void => {
        if (closed) return
        clearTimeout(timer)
        timer = setTimeout(() => {
          void inTurn(checkRoots)
            .catch(report)
            .finally(() => checkIn(rootCheckMs))
        }, milliseconds)
      }
      const rootChanges = createRootChanges(() => checkIn(polls ? rootCheckMs : rootQuietMs))
      const followRoots = async (): Promise<void> => {
        await rootChanges.follow(wanted.map(root => root.path))
        // What changed before the new watches were there is found by looking once more.
        const found = await Promise.all(wanted.map(find))
        if (wanted.some((root, at) => identityOf(mounted, root) !== found[at]?.identity)) checkIn(rootQuietMs)
      }
      const close = async (): Promise<void> => {
        closed = true
        clearTimeout(timer)
        clearTimeout(doubtTimer)
        rootChanges.close()
        batcher.close()
        await inTurn(async () => {
          await Promise.all([...watchers.keys()].map(shut))
        })
      }
      const first = await mount()
      if (!first.ok) {
        await close()
        return first
      }
      await followRoots()
      checkIn(rootCheckMs)
      return ok<FileWatch>({
        update: next =>
          inTurn(async () => {
            if (closed) return ok(undefined)
            wanted = next
            const mounting = await mount()
            if (!closed) await followRoots()
            return mounting
          }),
        close,
      })
    },
  }
}

function wants(one: Mounted, path: string, isDirectory: boolean): boolean {
  if (one.file !== undefined) return path === one.file
  // Rules speak of the path that was given, which may lead through a symlink.
  return !one.root.ignored(join(one.root.path, path.slice(one.folder.length)), isDirectory)
}

const identityOf = (mounted: readonly Mounted[], root: WatchRoot): string | undefined =>
  mounted.find(one => one.root === root)?.identity

/** Undefined where neither the root nor the folder that is to hold it is there. */
async function find(root: WatchRoot): Promise<Mounted | undefined> {
  const itself = await stat(root.path).catch(() => undefined)
  const isFolder = itself?.isDirectory() === true
  const folder = await realpath(isFolder ? root.path : dirname(root.path)).catch(() => undefined)
  const holder = folder === undefined ? undefined : await stat(folder).catch(() => undefined)
  if (folder === undefined || holder === undefined) return undefined
  const file = isFolder ? undefined : join(folder, root.path.slice(dirname(root.path).length + 1))
  return {
    root,
    folder,
    file,
    identity: `${isFolder ? 'folder' : 'file'} ${holder.dev}:${holder.ino} ${folder}`,
  }
}

/** The folders to be watched below (and with) the given ones. */
async function foldersIn(
  found: readonly Mounted[],
  fresh: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const seen = new Set<string>()
  const visit = async (folder: string, holder: Mounted): Promise<void> => {
    if (seen.has(folder)) return
    seen.add(folder)
    if (holder.file !== undefined) return
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      const path = join(folder, entry.name)
      if (entry.isDirectory() && wants(holder, path, true)) await visit(path, holder)
    }
  }
  const ordered = [...found].sort((a, b) => Number(a.file !== undefined) - Number(b.file !== undefined))
  for (const one of ordered) if (fresh.has(one.folder)) await visit(one.folder, one)
  return seen
}

/** How many folders a watch of these roots takes. */
export async function countFolders(roots: readonly WatchRoot[]): Promise<number> {
  const found = (await Promise.all(roots.map(find))).filter(one => one !== undefined)
  return (await foldersIn(found, new Set(found.map(one => one.folder)))).size
}

/** Whether another root's watch reaches the folder already. */
function isCovered(folder: string, found: readonly Mounted[]): boolean {
  return found.some(one => {
    if (one.file !== undefined || !folder.startsWith(one.folder + sep)) return false
    for (let path = folder; path !== one.folder; path = dirname(path))
      if (!wants(one, path, true)) return false
    return true
  })
}
