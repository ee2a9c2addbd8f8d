import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readFile, realpath } from 'node:fs/promises'
import type { ContextFile, ContextSnapshot } from '../../core/build-input.js'
import type { ServiceSpec } from '../../core/project.js'
import { ContextChangedError } from './context-changed-error.js'
import { isGone } from './file-cache.js'

/** A context that the builder fetches file by file. */
export interface ContextFolder {
  /** The same for every build of this service. */
  readonly key: string
  /** Folders before what is in them, siblings in the order of their names' bytes. */
  readonly entries: readonly ContextFolderEntry[]
  /** The content; ends with a ContextChangedError where the file is no longer what the snapshot says. */
  readonly read: (entry: { readonly path: string }) => AsyncIterable<Uint8Array>
}

/** As `ContextFile`, with a time that another content does not share. */
export interface ContextFolderEntry
  extends Pick<ContextFile, 'path' | 'type' | 'mode' | 'size' | 'linkTarget'> {
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
  const entries = await Promise.all(snapshot.files.map(file => entryOf(context, file)))
  const digests = new Map(snapshot.files.map(({ path, sha256 }) => [path, sha256]))
  return {
    key,
    entries: entries.filter(entry => entry !== undefined),
    read: ({ path }) => readChecked(`${context}/${path}`, { path, sha256: digests.get(path) }),
  }
}

function entryOf(
  context: string,
  file: ContextFile,
): ContextFolderEntry | Promise<ContextFolderEntry | undefined> {
  const { path, type, mode, size, linkTarget, mtimeMs = 0, sha256 } = file
  // What is not in the digest comes and goes: it is sent as it is now.
  if (type === 'file' && sha256 === undefined) return entryNow(context, file)
  const content =
    sha256 ??
    createHash('sha256')
      .update(linkTarget ?? '')
      .digest('hex')
  const seconds = BigInt(Math.max(0, Math.floor(mtimeMs / 1000)))
  const mtimeNs = seconds * NS_PER_SECOND + (BigInt(`0x${content.slice(0, 16)}`) % NS_PER_SECOND)
  return { path, type, mode, size, mtimeNs, ...(linkTarget === undefined ? {} : { linkTarget }) }
}

async function entryNow(
  context: string,
  { path, type, mode }: ContextFile,
): Promise<ContextFolderEntry | undefined> {
  try {
    const { size, mtimeNs } = await lstat(`${context}/${path}`, { bigint: true })
    return { path, type, mode, size: Number(size), mtimeNs }
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

async function* readChecked(
  path: string,
  file: { readonly path: string; readonly sha256: string | undefined },
): AsyncGenerator<Uint8Array> {
  const changed = (): ContextChangedError => new ContextChangedError(file.path)
  try {
    const hash = createHash('sha256')
    const isRight = (): boolean => file.sha256 === undefined || hash.digest('hex') === file.sha256
    if ((await lstat(path)).size <= wholeBytes) {
      const content = await readFile(path)
      hash.update(content)
      if (!isRight()) throw changed()
      yield content
      return
    }
    for await (const chunk of createReadStream(path, {
      highWaterMark: wholeBytes,
    }) as AsyncIterable<Buffer>) {
      hash.update(chunk)
      yield chunk
    }
    if (!isRight()) throw changed()
  } catch (error) {
    throw isGone(error) ? changed() : error
  }
}
