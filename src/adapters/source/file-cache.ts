import { readdir, readlink } from 'node:fs/promises'
import { posix } from 'node:path'
import pLimit from 'p-limit'
import { hashFile, isGone, lstatOf } from './file-calls.js'

/** What a folder holds, as far as Docker sends it: no sockets, pipes or devices. */
export interface DiskEntry {
  readonly name: string
  readonly type: 'file' | 'directory' | 'symlink'
  readonly mode: number
  readonly size: number
  readonly mtimeNs: bigint
  readonly ino: bigint
  readonly linkTarget?: string
}

interface Listing {
  /** The logical time at which reading began. */
  readonly stamp: number
  readonly entries: Promise<readonly DiskEntry[]>
}

/** Listings and content hashes of files, shared by all services whose contexts overlap. */
export interface FileCache {
  /** A moment of logical time: a listing begun after it shows everything that happened before. */
  now(): number
  /** The folder's entries, not older than `since`; rejects as the file system does. */
  list(folder: string, since: number): Promise<readonly DiskEntry[]>
  /** SHA-256 of the content; undefined where the file has gone. */
  hash(path: string, entry: DiskEntry): Promise<string | undefined>
  /** Whether the content of this entry was read, and cannot have changed since without another size or time. */
  isSettled(path: string, entry: DiskEntry): boolean
  /** The logical time at which something of the folder, or below it, was last forgotten or found to be otherwise; 0 for never. */
  changedAt(folder: string): number
  /** Forgets what is known of the path, of all below it and of the folder that holds it. */
  forget(path: string, parent: string): void
  /** How many files were read and how many folders listed so far. */
  readonly reads: () => { readonly hashed: number; readonly listed: number }
}

/** Reads of files that run at once; more only queue in libuv's four threads. */
const concurrency = 32
/** A file written this short a time before it was hashed may change again within the same time stamp of the file system. */
const racyNs = 50_000_000n
const attempts = 3

export function createFileCache(): FileCache {
  let clock = 0
  let hashed = 0
  let listed = 0
  const listings = new Map<string, Listing>()
  const hashes = new Map<
    string,
    { readonly size: number; readonly mtimeNs: bigint; readonly ino: bigint; readonly sha: string }
  >()
  const changes = new Map<string, number>()
  const slot = pLimit(concurrency)

  const knownHash = (path: string, { size, mtimeNs, ino }: DiskEntry): string | undefined => {
    const known = hashes.get(path)
    return known?.size === size && known.mtimeNs === mtimeNs && known.ino === ino ? known.sha : undefined
  }
  /** The folder, and all that it lies in. */
  const mark = (folder: string): void => {
    const at = ++clock
    for (let path = folder; ; path = posix.dirname(path)) {
      changes.set(path, at)
      if (path === posix.dirname(path)) return
    }
  }

  const readHash = async (path: string, entry: DiskEntry): Promise<string | undefined> => {
    const known = knownHash(path, entry)
    if (known !== undefined) return known
    for (let attempt = 1; ; attempt++) {
      const began = BigInt(Date.now()) * 1_000_000n
      const read = await slot(() => hashFile(path, entry.size))
      if (read === undefined) return undefined
      hashed++
      if (read.size !== entry.size && attempt < attempts) {
        // Half written when it was listed: what counts is what is there at the end.
        entry = { ...entry, ...(await statOf(path, entry)) }
        continue
      }
      if (began - entry.mtimeNs > racyNs)
        hashes.set(path, { size: entry.size, mtimeNs: entry.mtimeNs, ino: entry.ino, sha: read.sha })
      return read.sha
    }
  }

  return {
    now: () => ++clock,
    list: (folder, since) => {
      const known = listings.get(folder)
      if (known !== undefined && known.stamp > since) return known.entries
      listed++
      const entries = slot(() => readFolder(folder))
      const listing = { stamp: ++clock, entries }
      listings.set(folder, listing)
      entries.catch(() => {
        if (listings.get(folder) === listing) listings.delete(folder)
      })
      // One who asks may find what nobody was told of: it is news to the others as well.
      if (known !== undefined)
        void Promise.all([known.entries, entries]).then(
          ([before, now]) => {
            if (!areEqual(before, now)) mark(folder)
          },
          () => mark(folder),
        )
      return entries
    },
    hash: readHash,
    isSettled: (path, entry) => knownHash(path, entry) !== undefined,
    changedAt: folder => changes.get(folder) ?? 0,
    forget: (path, parent) => {
      listings.delete(parent)
      hashes.delete(path)
      mark(path)
      if (!listings.delete(path)) return
      const prefix = path.endsWith('/') ? path : `${path}/`
      for (const folder of listings.keys()) {
        if (!folder.startsWith(prefix)) continue
        listings.delete(folder)
        changes.set(folder, clock)
      }
    },
    reads: () => ({ hashed, listed }),
  }
}

async function readFolder(folder: string): Promise<readonly DiskEntry[]> {
  const names = await readdir(folder)
  const entries = await Promise.all(
    names.map(async (name): Promise<DiskEntry | undefined> => {
      const path = `${folder}/${name}`
      try {
        const stat = await lstatOf(path)
        const type = stat.isFile()
          ? 'file'
          : stat.isDirectory()
            ? 'directory'
            : stat.isSymbolicLink()
              ? 'symlink'
              : undefined
        if (type === undefined) return undefined
        return {
          name,
          type,
          mode: process.platform === 'win32' ? 0o755 : Number(stat.mode & 0o7777n),
          size: type === 'file' ? Number(stat.size) : 0,
          mtimeNs: stat.mtimeNs,
          ino: stat.ino,
          ...(type === 'symlink' ? { linkTarget: await readlink(path) } : {}),
        }
      } catch (error) {
        if (isGone(error)) return undefined
        throw error
      }
    }),
  )
  const present = entries.filter(entry => entry !== undefined)
  // In the order of their bytes, as builders want them; that of UTF-16 is another one where there are surrogates.
  return present.some(({ name }) => SURROGATE.test(name))
    ? present.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
    : present.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

/** Whether nothing tells one from the other. */
export function isSameEntry(a: DiskEntry, b: DiskEntry): boolean {
  return (
    a.mtimeNs === b.mtimeNs &&
    a.size === b.size &&
    a.ino === b.ino &&
    a.mode === b.mode &&
    a.type === b.type &&
    a.linkTarget === b.linkTarget &&
    a.name === b.name
  )
}

function areEqual(a: readonly DiskEntry[], b: readonly DiskEntry[]): boolean {
  return (
    a.length === b.length &&
    a.every((entry, at) => {
      const other = b[at]
      return other !== undefined && isSameEntry(entry, other)
    })
  )
}

const SURROGATE = /[\ud800-\udfff]/

async function statOf(path: string, entry: DiskEntry): Promise<Pick<DiskEntry, 'size' | 'mtimeNs' | 'ino'>> {
  try {
    const stat = await lstatOf(path)
    return { size: Number(stat.size), mtimeNs: stat.mtimeNs, ino: stat.ino }
  } catch {
    return entry
  }
}
