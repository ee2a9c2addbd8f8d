import { open } from 'node:fs/promises'

/** What an archive has to carry: a file of this machine, or text. Sizes in bytes. */
export interface ArchiveEntry {
  readonly mode: number
  readonly size: number
  readonly content: { readonly file: string } | { readonly text: string }
}

/** A file became shorter than it was when the archive began: what was sent is none of its versions. */
export class FileShrankError extends Error {}

const BLOCK = 512
/** What tar reads at a time, and what the script counts in. */
export const RECORD = 10_240

const padded = (size: number, unit: number): number => Math.ceil(size / unit) * unit

/** How many records the archive of these entries has. */
export function recordsOf(entries: readonly ArchiveEntry[]): number {
  if (entries.length === 0) return 0
  const blocks = entries.reduce((sum, { size }) => sum + BLOCK + padded(size, BLOCK), 2 * BLOCK)
  return padded(blocks, RECORD) / RECORD
}

/** A tar archive whose entries are named by their number, so that no name needs more than the plain header. */
export async function* archive(entries: readonly ArchiveEntry[]): AsyncGenerator<Uint8Array> {
  if (entries.length === 0) return
  let sent = 0
  for (const [index, entry] of entries.entries()) {
    yield header(String(index), entry)
    yield* contentOf(entry)
    const padding = padded(entry.size, BLOCK) - entry.size
    if (padding > 0) yield new Uint8Array(padding)
    sent += BLOCK + entry.size + padding
  }
  yield new Uint8Array(recordsOf(entries) * RECORD - sent)
}

async function* contentOf({ content, size }: ArchiveEntry): AsyncGenerator<Uint8Array> {
  if ('text' in content) {
    yield Buffer.from(content.text)
    return
  }
  if (size === 0) return
  const handle = await open(content.file)
  try {
    let left = size
    for await (const chunk of handle.createReadStream({ end: size - 1, autoClose: false })) {
      left -= (chunk as Uint8Array).length
      yield chunk as Uint8Array
    }
    if (left > 0) throw new FileShrankError(content.file)
  } finally {
    await handle.close()
  }
}

/** https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, "ustar Interchange Format" */
function header(name: string, { mode, size }: ArchiveEntry): Uint8Array {
  const block = Buffer.alloc(BLOCK)
  const octal = (value: number, at: number, length: number) =>
    block.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1')
  block.write(name, 0, 'latin1')
  octal(mode & 0o7777, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(0, 136, 12)
  block.write('        0', 148, 'latin1')
  block.write('ustar\u000000', 257, 'latin1')
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}
