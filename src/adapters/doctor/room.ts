import { constants } from 'node:fs'
import { access, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Room } from '../../core/doctor/judge-disk.js'

/** The room on the file system of a folder, or of the nearest one above that is there. */
export async function readRoom(path: string): Promise<Room> {
  try {
    const { bavail, blocks, bsize } = await statfs(await nearestFolder(path))
    return { kind: 'seen', path, free: bavail * bsize, total: blocks * bsize }
  } catch (error) {
    return { kind: 'unseen', path, reason: error instanceof Error ? error.message : String(error) }
  }
}

/** Whether this user may write a folder, or make it. */
export async function isWritable(path: string): Promise<boolean> {
  return access(await nearestFolder(path), constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  )
}

async function nearestFolder(path: string): Promise<string> {
  for (let folder = path; ; folder = dirname(folder)) {
    const isThere = await access(folder).then(
      () => true,
      () => false,
    )
    if (isThere || folder === dirname(folder)) return folder
  }
}

/** `f_type` of statfs(2) of file systems that do not tell of changes on their other side. */
const SILENT: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x01021997, '9p'],
  [0x65735546, 'FUSE'],
  [0x786f4256, 'vboxsf'],
])

/** Those of the folders that lie on a file system that inotify does not serve, with its name. */
export async function silentFolders(
  folders: readonly string[],
): Promise<readonly { readonly path: string; readonly system: string }[]> {
  if (process.platform !== 'linux') return []
  const found = await Promise.all(
    folders.map(async path => {
      const type = await statfs(path).then(
        stats => stats.type >>> 0,
        () => 0,
      )
      const system = SILENT.get(type)
      return system === undefined ? [] : [{ path, system }]
    }),
  )
  return found.flat()
}
