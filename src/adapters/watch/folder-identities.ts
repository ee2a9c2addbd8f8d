import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { sep } from 'node:path'

/**
 * Which folder each watch was put on. A watch belongs to the folder and not to its name: where another folder takes the name at once
 * (`mv api old; mv next api`), chokidar reads the parent, finds the same names as before, and stays with the one that is gone.
 */
export interface FolderIdentities {
  /** A folder that is about to be watched; what is known of the path already stays, for its watch stays too. */
  saw(path: string, stats: Stats): void
  /** The watch on the path has ended. */
  left(path: string): void
  /** The watches on the folder and on all below it have ended. */
  leftAll(folder: string): void
  knows(path: string): boolean
  /** Those of the paths where another folder is now than the one that is watched. */
  replaced(paths: Iterable<string>): Promise<readonly string[]>
}

export function createFolderIdentities(): FolderIdentities {
  const identities = new Map<string, string>()
  return {
    saw: (path, stats) => {
      if (!identities.has(path)) identities.set(path, identityOf(stats))
    },
    left: path => {
      identities.delete(path)
    },
    leftAll: folder => {
      for (const path of identities.keys())
        if (path === folder || path.startsWith(folder + sep)) identities.delete(path)
    },
    knows: path => identities.has(path),
    replaced: async paths => {
      const found = await Promise.all(
        [...paths].map(async path => {
          const now = await stat(path).catch(() => undefined)
          const known = identities.get(path)
          return now?.isDirectory() === true && known !== undefined && known !== identityOf(now) ? [path] : []
        }),
      )
      return found.flat()
    },
  }
}

/** With the time of birth: a file system gives the number of a folder that was deleted to the next one. */
const identityOf = ({ dev, ino, birthtimeMs }: Stats): string => `${dev}:${ino}:${birthtimeMs}`
