import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

// Enough to keep the disk busy without holding thousands of files in memory.
const READ_AT_ONCE = 64

/** Reads files, at most so many at once; those that cannot be read are absent. */
export async function readAll(files: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  const contents = new Map<string, Buffer>()
  for (let at = 0; at < files.length; at += READ_AT_ONCE) {
    const batch = files.slice(at, at + READ_AT_ONCE)
    const read = await Promise.all(batch.map(file => readFile(file).catch(() => undefined)))
    batch.forEach((file, position) => {
      const content = read[position]
      if (content !== undefined) contents.set(file, content)
    })
  }
  return contents
}

/** A hash of the settings and of the files' paths and contents; a missing file differs from an empty one. */
export function fingerprintOf(
  settings: unknown,
  files: readonly string[],
  contents: ReadonlyMap<string, Uint8Array>,
): string {
  const hash = createHash('sha256').update(JSON.stringify(settings))
  for (const file of files) {
    const content = contents.get(file)
    hash.update(`\0${file}\0${content === undefined ? 'missing' : content.length}\0`)
    if (content !== undefined) hash.update(content)
  }
  return hash.digest('hex')
}
