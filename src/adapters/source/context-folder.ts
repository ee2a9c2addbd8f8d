import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { realpath } from 'node:fs/promises'
import type { ContextFile, ContextSnapshot } from '../../core/build-input.js'
import type { ServiceSpec } from '../../core/project.js'
import { ContextChangedError } from './context-changed-error.js'
import { isGone, lstatOf, readWhole } from './file-calls.js'

/** A context that the builder fetches file by file. */
export interface ContextFolder {
  /** The same for every build of this service. */
  readonly key: string
  /** Folders before what is in them, siblings in the order of their names' bytes. */
  readonly entries: readonly ContextFolderEntry[]
  /** The content of one of the entries; ends with a ContextChangedError where the file is no longer what the snapshot says. */
  readonly read: (entry: Pick<ContextFolderEntry, 'path' | 'size' | 'sha256'>) => AsyncIterable<Uint8Array>
}

/** As `ContextFile`, with a time that another content does not share. */
export interface ContextFolderEntry
  extends Pick<ContextFile, 'path' | 'type' | 'mode' | 'size' | 'linkTarget' | 'sha256'> {
  /** Nanoseconds since the epoch. */
  readonly mtimeNs: bigint
}

/** Up to this size a file is checked before its first byte is sent. */
const wholeBytes = 1 << 20
const NS_PER_SECOND = 1_000_000_000n

/**
 * What a snapshot names. A builder that keeps what it fetched tells contents apart by size and time alone, and two saves within one tick of the file system's clock have the same;
 * so the part of a second is made of the content's digest. Nobody sees it: an image has whole seconds. Every file that is fetched is checked against the snapshot, so that an image
 * is never tagged with the fingerprint of other content.
 */
export async function contextFolder({
  service,
  snapshot,
}: {
  readonly service: ServiceSpec
  readonly snapshot: ContextSnapshot
}): Promise<ContextFolder> {
  const context = await realpath(service.context)
  const { name, dockerfile, target } = service
  const key = createHash('sha256')
    .update(JSON.stringify([context, dockerfile, name, target]))
    .digest('hex')
  const entries: ContextFolderEntry[] = []
  for (const file of snapshot.files) {
    // What is not in the digest comes and goes: it is sent as it is now.
    const isAsItWas = file.type !== 'file' || file.sha256 !== undefined
    const entry = isAsItWas ? entryOf(file) : await entryNow(context, file)
    if (entry !== undefined) entries.push(entry)
  }
  return { key, entries, read: entry => readChecked(`${context}/${entry.path}`, entry) }
}

/** Of files that stay what they are from save to save. */
const made = new WeakMap<ContextFile, ContextFolderEntry>()

function entryOf(file: ContextFile): ContextFolderEntry {
  const known = made.get(file)
  if (known !== undefined) return known
  const { path, type, mode, size, linkTarget, mtimeMs = 0, sha256 } = file
  const content =
    sha256 ??
    createHash('sha256')
      .update(linkTarget ?? '')
      .digest('hex')
  const seconds = BigInt(Math.max(0, Math.floor(mtimeMs / 1000)))
  const mtimeNs = seconds * NS_PER_SECOND + (BigInt(`0x${content.slice(0, 16)}`) % NS_PER_SECOND)
  const entry = {
    ...{ path, type, mode, size, mtimeNs },
    ...(linkTarget === undefined ? {} : { linkTarget }),
    ...(sha256 === undefined ? {} : { sha256 }),
  }
  made.set(file, entry)
  return entry
}

async function entryNow(
  context: string,
  { path, type, mode }: ContextFile,
): Promise<ContextFolderEntry | undefined> {
  try {
    const { size, mtimeNs } = await lstatOf(`${context}/${path}`)
    return { path, type, mode, size: Number(size), mtimeNs }
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

async function* readChecked(
  path: string,
  { path: name, size, sha256 }: Pick<ContextFolderEntry, 'path' | 'size' | 'sha256'>,
): AsyncGenerator<Uint8Array> {
  const changed = (): ContextChangedError => new ContextChangedError(name)
  try {
    const hash = createHash('sha256')
    if (sha256 !== undefined && size <= wholeBytes) {
      const content = await readWhole(path, size)
      if (content === undefined || hash.update(content).digest('hex') !== sha256) throw changed()
      yield content
      return
    }
    for await (const chunk of createReadStream(path, {
      highWaterMark: wholeBytes,
    }) as AsyncIterable<Buffer>) {
      hash.update(chunk)
      yield chunk
    }
    if (sha256 !== undefined && hash.digest('hex') !== sha256) throw changed()
  } catch (error) {
    throw isGone(error) ? changed() : error
  }
}
