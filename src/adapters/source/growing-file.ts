import { open, stat } from 'node:fs/promises'
import { posix } from 'node:path'
import type { ContextFile } from '../../core/build-input.js'

/** Archives that end with a directory of what they hold: one without is not whole. */
const ZIP = /[^/]\.(war|jar|ear|zip|whl|aar|apk|nupkg|vsix)$/i
/** Of the others, as of other large files, nothing tells whether they are whole but that nobody writes any more. */
const ARCHIVE = /[^/]\.(war|jar|ear|zip|whl|aar|apk|nupkg|vsix|tar|tgz|gz|bz2|xz|zst|7z|rpm|deb)$/i
/** Bytes from which a file takes a tool long enough to write that it is found in the middle. */
const LARGE = 8 * 1024 * 1024
/** Milliseconds without a write after which a file is taken to be whole: longer than a linker or packer rests. */
const QUIET = 400
/** The same for an archive that is certainly not whole: longer than a slow network rests. */
const QUIET_BROKEN = 5000

/** Whether a file may be found half written: ordinary files are not looked at. */
export const isSlowToWrite = ({ path, type, size }: Pick<ContextFile, 'path' | 'type' | 'size'>): boolean =>
  type === 'file' && (size >= LARGE || ARCHIVE.test(path))

/** The path of the first of these files that another tool is still writing; undefined where all are whole. */
export async function growingFile(
  context: string,
  files: readonly ContextFile[],
  now: () => number,
): Promise<string | undefined> {
  for (const { path } of files) {
    const isZip = ZIP.test(path)
    const file = posix.join(context, path)
    const age = await stat(file).then(
      ({ mtimeMs }) => now() - mtimeMs,
      () => undefined,
    )
    // The clock of files is finer than ours, so that now may be a moment ahead; a time further in the future says nothing.
    if (age === undefined || age < -QUIET || age >= (isZip ? QUIET_BROKEN : QUIET)) continue
    if (!isZip || !(await isWholeZip(file))) return path
  }
  return undefined
}

const END_RECORD = 22
const LONGEST_COMMENT = 0xffff

/** Whether the archive's end record is where it belongs: at the very end, behind the directory that it names. */
async function isWholeZip(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined)
  if (file === undefined) return true
  try {
    const { size } = await file.stat()
    const length = Math.min(size, END_RECORD + LONGEST_COMMENT)
    const tail = Buffer.alloc(length)
    await file.read(tail, 0, length, size - length)
    for (let at = length - END_RECORD; at >= 0; at--) {
      if (tail.readUInt32LE(at) !== 0x06054b50) continue
      if (at + END_RECORD + tail.readUInt16LE(at + 20) === length) return true
    }
    return false
  } finally {
    await file.close()
  }
}
