import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { nearest } from './suggest.js'

export async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file'
  } catch {
    // Missing or unreadable: for the person who wrote the path it comes to the same.
    return undefined
  }
}

/** What may have been meant by a path that is not there. */
export async function nearbyFolder(path: string, root: string): Promise<string | undefined> {
  const near = nearest(basename(path), await list(dirname(path)))
  return near === undefined ? undefined : `there is ${shown(join(dirname(path), near), root)}`
}

export const list = (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => [])

/** A path as a person would write it. */
export const shown = (path: string, root: string): string => relative(root, path).replaceAll('\\', '/') || '.'
