import { createHash } from 'node:crypto'
import type { GrpcCall } from './grpc-server.js'
import { encode, readFields, type WireValue } from './protobuf-wire.js'

/** A file, folder or link as BuildKit is told of it. */
export interface FolderEntry {
  /** Relative to the folder, with `/`. */
  readonly path: string
  readonly type: 'file' | 'directory' | 'symlink'
  /** Permission bits. */
  readonly mode: number
  /** Bytes; 0 for anything but a file. */
  readonly size: number
  /**
   * Nanoseconds since the epoch. With size and mode it is all by which BuildKit tells whether it still has the content: another content must have another time.
   */
  readonly mtimeNs: bigint
  readonly linkTarget?: string
}

/** A folder that BuildKit fetches from this process: it asks only for what differs from what it has of an earlier build. */
export interface SentFolder {
  /** Folders before what is in them, siblings in the order of their names' bytes. */
  readonly entries: readonly FolderEntry[]
  /** Rejects where the content is no longer the one that was announced. */
  readonly read: (entry: FolderEntry) => AsyncIterable<Uint8Array>
}

/** Packet types of fsutil, the protocol of `moby.filesync.v1.FileSync/DiffCopy` (github.com/tonistiigi/fsutil, types/wire.proto). */
const STAT = 0
const REQUEST = 1
const DATA = 2
const FIN = 3
const ERROR = 4

/** Bits of Go's os.FileMode. */
const DIRECTORY = 2 ** 31
const SYMLINK = 2 ** 27
const GO_BITS = [
  { unix: 0o4000, go: 2 ** 23 },
  { unix: 0o2000, go: 2 ** 22 },
  { unix: 0o1000, go: 2 ** 20 },
] as const

/** Messages that go in one write, and files that are read at once. */
const BATCH = 512
const READERS = 8
/** Least size of a piece of content: gRPC takes messages up to 4 MB. */
const CHUNK = 1 << 20

/**
 *   every entry ──► STAT … STAT, an empty one      (while what BuildKit asks for goes out, too)
 *   its REQUEST ──► DATA … DATA, an empty one
 *   its FIN     ──► FIN, and the end
 */
export async function sendFolder(
  call: GrpcCall,
  folder: SentFolder,
  onSent: (progress: { readonly bytes: number; readonly asked: number }) => void,
): Promise<void> {
  const { entries } = folder
  let fail: (error: unknown) => void = () => {}
  const broken = new Promise<never>((_, reject) => {
    fail = reject
  })
  broken.catch(() => {})
  let bytes = 0
  let asked = 0

  const announce = async (): Promise<void> => {
    for (let from = 0; from < entries.length; from += BATCH)
      await call.send(entries.slice(from, from + BATCH).map(statPacket))
    await call.send([encode([[1, STAT]])])
  }
  const sendFile = async (id: number): Promise<void> => {
    const entry = entries[id]
    if (entry === undefined) throw new Error(`the engine asked for file ${id}, which was not announced`)
    asked += entry.size
    const end = dataPacket(id, Buffer.alloc(0))
    let held: Uint8Array | undefined
    for await (const piece of folder.read(entry)) {
      for (let at = 0; at < piece.length; at += CHUNK) {
        if (held !== undefined) await call.send([dataPacket(id, held)])
        held = piece.subarray(at, at + CHUNK)
        bytes += held.length
        onSent({ bytes, asked })
      }
    }
    // Most files are one piece: that and its end go in one write.
    await call.send(held === undefined ? [end] : [dataPacket(id, held), end])
  }
  const answerRequests = async (): Promise<void> => {
    const asked: number[] = []
    // By index: to take the first from so long an array moves all others.
    let next = 0
    let readers = 0
    const readOn = async (): Promise<void> => {
      readers += 1
      for (let id = asked[next++]; id !== undefined; id = asked[next++]) await sendFile(id)
      next -= 1
      readers -= 1
    }
    for await (const message of call.messages) {
      const { type, id, data } = readPacket(message)
      if (type === FIN) return call.send([encode([[1, FIN]])])
      if (type === ERROR) throw new Error(String(data))
      if (type !== REQUEST) continue
      asked.push(id)
      if (readers < READERS) readOn().catch(fail)
    }
    throw new Error('the engine ended the transfer of the build context')
  }
  try {
    await Promise.race([Promise.all([announce(), answerRequests()]), broken])
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    await call
      .send([
        encode([
          [1, ERROR],
          [4, message],
        ]),
      ])
      .catch(() => {})
    throw error
  }
}

/** A folder of one file of this content. */
export function folderOfFile(path: string, content: string): SentFolder {
  const bytes = Buffer.from(content)
  // A time that no other content has.
  const mtimeNs = BigInt(`0x${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}`)
  return {
    entries: [{ path, type: 'file', mode: 0o644, size: bytes.length, mtimeNs }],
    async *read() {
      yield bytes
    },
  }
}

function statPacket({ path, type, mode, size, mtimeNs, linkTarget }: FolderEntry): Buffer {
  const kind = type === 'directory' ? DIRECTORY : type === 'symlink' ? SYMLINK : 0
  const special = GO_BITS.reduce((sum, { unix, go }) => ((mode & unix) === 0 ? sum : sum + go), 0)
  const fields: WireValue[] = [
    [1, path],
    [2, kind + special + (mode & 0o777)],
    [5, size],
    [6, mtimeNs],
  ]
  if (linkTarget !== undefined) fields.push([7, linkTarget])
  return encode([
    [1, STAT],
    [2, encode(fields)],
  ])
}

const dataPacket = (id: number, data: Uint8Array): Buffer =>
  encode([
    [1, DATA],
    [3, id],
    [4, data],
  ])

function readPacket(message: Buffer) {
  let type = 0
  let id = 0
  let data: Buffer | undefined
  for (const { number, value } of readFields(message)) {
    if (number === 1 && typeof value === 'number') type = value
    else if (number === 3 && typeof value === 'number') id = value
    else if (number === 4 && typeof value !== 'number') data = value
  }
  return { type, id, data }
}
