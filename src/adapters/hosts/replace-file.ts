import { randomUUID } from 'node:crypto'
import { type FileHandle, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'

/** Why a file was left as it is: somebody else changed it since it was read. */
export class ChangedMeanwhile extends Error {}

/** The steps of a write that a system may refuse. */
export interface WriteSteps {
  readonly rename: (from: string, to: string) => Promise<void>
  /** Opens a file to read and write it. */
  readonly openInPlace: (path: string) => Promise<FileHandle>
}

export const systemSteps: WriteSteps = { rename, openInPlace: path => open(path, 'r+') }

/** Codes with which a system says that a file here cannot be made or put in the other's place, though the file itself may be writable. */
const NO_RENAME: readonly (string | undefined)[] = [
  'EBUSY', // a mount point, as /etc/hosts in a container
  'EXDEV',
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTSUP',
]

/**
 * Makes a file `after`, if it is `before`: whole at any moment by a rename, with mode and owner kept; in place where a rename cannot be or would lose what else
 * the file has: other names (hard links) or a security label (SELinux).
 */
export async function replaceFile(
  path: string,
  change: { readonly before: string; readonly after: string },
  steps: WriteSteps = systemSteps,
): Promise<void> {
  const target = await whole(realpath(path), path)
  const known = await whole(stat(target), undefined)
  const keepsFile = known !== undefined && (known.nlink > 1 || (await isLabelled()))
  if (!keepsFile) {
    try {
      await byRename(target, { ...change, put: steps.rename, known })
      return
    } catch (error) {
      if (!NO_RENAME.includes(codeOf(error))) throw error
    }
  }
  await inPlace(await steps.openInPlace(target), change)
}

/** A file's bytes as Latin-1; empty where there is none. */
export function readLatin1(path: string): Promise<string> {
  return whole(readFile(path, 'latin1'), '')
}

export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

interface Replacement {
  readonly before: string
  readonly after: string
  readonly put: WriteSteps['rename']
  readonly known: { readonly mode: number; readonly uid: number; readonly gid: number } | undefined
}

async function byRename(target: string, { before, after, put, known }: Replacement): Promise<void> {
  const temporary = `${target}.devloop-${randomUUID()}`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      const own = await file.stat()
      if (known !== undefined && (known.uid !== own.uid || known.gid !== own.gid))
        await file.chown(known.uid, known.gid)
      await file.chmod(known === undefined ? 0o644 : known.mode & 0o7777)
      await file.writeFile(after, 'latin1')
      await file.sync()
    } finally {
      await file.close()
    }
    if ((await readLatin1(target)) !== before) throw new ChangedMeanwhile()
    await put(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

async function inPlace(
  file: FileHandle,
  { before, after }: { readonly before: string; readonly after: string },
): Promise<void> {
  try {
    if ((await file.readFile('latin1')) !== before) throw new ChangedMeanwhile()
    const bytes = Buffer.from(after, 'latin1')
    for (let at = 0; at < bytes.length; )
      at += (await file.write(bytes, at, bytes.length - at, at)).bytesWritten
    await file.truncate(bytes.length)
    await file.sync()
  } finally {
    await file.close()
  }
}

const isLabelled = async (): Promise<boolean> =>
  (await whole(stat('/sys/fs/selinux/enforce'), undefined)) !== undefined

async function whole<T, D>(work: Promise<T>, absent: D): Promise<T | D> {
  try {
    return await work
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return absent
    throw error
  }
}
