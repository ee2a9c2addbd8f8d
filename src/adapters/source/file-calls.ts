import { createHash } from 'node:crypto'
import { type BigIntStats, close, createReadStream, lstat, open, read } from 'node:fs'

/** Up to so many bytes a file is read in one piece. */
const ONE_PIECE = 1 << 16

/**
 * SHA-256 of a file's content, and its size; undefined where it is gone. `expected`: its size as far as it is known. By callbacks: promises and streams cost several
 * times what reading a small file does, and a context may have a hundred thousand.
 */
export async function hashFile(
  path: string,
  expected: number,
): Promise<{ readonly sha: string; readonly size: number } | undefined> {
  try {
    const content = expected < ONE_PIECE ? await readWhole(path, expected) : undefined
    if (content !== undefined)
      return { sha: createHash('sha256').update(content).digest('hex'), size: content.length }
    const hash = createHash('sha256')
    let size = 0
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      size += chunk.length
      hash.update(chunk)
    }
    return { sha: hash.digest('hex'), size }
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

/** The content of a file of this size; undefined where it has another one. */
export function readWhole(path: string, size: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    open(path, (openError, file) => {
      if (openError !== null) return reject(openError)
      // One byte more than there should be, so that a longer file is noticed.
      const buffer = Buffer.allocUnsafe(size + 1)
      read(file, buffer, 0, size + 1, null, (readError, count) => {
        close(file, () => {})
        if (readError !== null) reject(readError)
        else resolve(count === size ? buffer.subarray(0, size) : undefined)
      })
    })
  })
}

export function lstatOf(path: string): Promise<BigIntStats> {
  return new Promise((resolve, reject) =>
    lstat(path, { bigint: true }, (error, stats) => (error === null ? resolve(stats) : reject(error))),
  )
}

/** Gone, or turned into something else, between listing and reading. */
export function isGone(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR' || code === 'ELOOP'
}
