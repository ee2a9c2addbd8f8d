import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'

/** An archive in memory. */
export interface WholeArchive {
  add(name: string, content: Uint8Array): Promise<void>
  /** Ends it and gives all of it, filled up to whole records of so many bytes. */
  finish(recordBytes: number): Promise<Buffer>
}

export function createWholeArchive(): WholeArchive {
  const archive = pack()
  const content = buffer(archive)
  // Told to whoever adds or finishes.
  content.catch(() => undefined)
  return {
    add: (name, file) =>
      new Promise((resolve, reject) => {
        archive.entry({ name, size: file.byteLength, mode: 0o644 }, Buffer.from(file), error =>
          error ? reject(error) : resolve(),
        )
      }),
    async finish(recordBytes) {
      archive.finalize()
      const bytes = await content
      const missing = -bytes.byteLength % recordBytes
      return missing === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(recordBytes + missing)])
    },
  }
}
