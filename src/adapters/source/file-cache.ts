import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'

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
  /** Forgets what is known of the path, of all below it and of the folder that holds it. */
  forget(path: string, parent: string): void
  /** Whether a kept listing is the last one read, for callers that derive from it. */
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
  const slot = limiter(concurrency)

  const readHash = async (path: string, entry: DiskEntry): Promise<string | undefined> => {
    const known = hashes.get(path)
    if (
      known !== undefined &&
      known.size === entry.size &&
      known.mtimeNs === entry.mtimeNs &&
      known.ino === entry.ino
    )
      return known.sha
    for (let attempt = 1; ; attempt++) {
      const began = BigInt(Date.now()) * 1_000_000n
      const read = await slot(() => hashFile(path))
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
      return entries
    },
    hash: readHash,
    forget: (path, parent) => {
      listings.delete(parent)
      hashes.delete(path)
      if (!listings.delete(path)) return
      const prefix = path.endsWith('/') ? path : `${path}/`
      for (const folder of listings.keys()) if (folder.startsWith(prefix)) listings.delete(folder)
    },
    reads: () => ({ hashed, listed }),
  }
}

async function readFolder(folder: string): Promise<readonly DiskEntry[]> {
  const found = await readdir(folder, { withFileTypes: true })
  const entries = await Promise.all(
    found.map(async (item): Promise<DiskEntry | undefined> => {
      const path = `${folder}/${item.name}`
      try {
        const stat = await lstat(path, { bigint: true })
        const type = stat.isFile()
          ? 'file'
          : stat.isDirectory()
            ? 'directory'
            : stat.isSymbolicLink()
              ? 'symlink'
              : undefined
        if (type === undefined) return undefined
        return {
          name: item.name,
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

const SURROGATE = /[\ud800-\udfff]/

async function hashFile(path: string): Promise<{ readonly sha: string; readonly size: number } | undefined> {
  const hash = createHash('sha256')
  let size = 0
  try {
    await pipeline(createReadStream(path), async source => {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        size += chunk.length
        hash.update(chunk)
      }
    })
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
  return { sha: hash.digest('hex'), size }
}

async function statOf(path: string, entry: DiskEntry): Promise<Pick<DiskEntry, 'size' | 'mtimeNs' | 'ino'>> {
  try {
    const stat = await lstat(path, { bigint: true })
    return { size: Number(stat.size), mtimeNs: stat.mtimeNs, ino: stat.ino }
  } catch {
    return entry
  }
}

/** Gone, or turned into something else, between listing and reading. */
export function isGone(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR' || code === 'ELOOP'
}

function limiter(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0
  const waiting: (() => void)[] = []
  return async work => {
    if (running >= limit) await new Promise<void>(resolve => waiting.push(resolve))
    running++
    try {
      return await work()
    } finally {
      running--
      waiting.shift()?.()
    }
  }
}
