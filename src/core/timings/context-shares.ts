import type { ContextFile } from '../build-input.js'

/** What a build context is made of. */
export interface ContextShares {
  readonly bytes: number
  readonly files: number
  /** The folder that holds most of it, by path relative to the context; `node_modules` and its like wherever they are count as one each. */
  readonly largest: { readonly folder: string; readonly bytes: number } | undefined
}

/** Folders that tools make, and that an image hardly ever takes from the context. */
export const MADE_FOLDERS: readonly string[] = [
  'node_modules',
  '.git',
  'target',
  'dist',
  'build',
  '.gradle',
  '.venv',
  'venv',
  '__pycache__',
  '.next',
  'coverage',
  'vendor',
]

/** Adds up the sizes of a context's files by the folder that they are in: one that tools make, else the topmost one. */
export function contextShares(files: readonly Pick<ContextFile, 'path' | 'size'>[]): ContextShares {
  const sizes = new Map<string, number>()
  let bytes = 0
  for (const { path, size } of files) {
    bytes += size
    const parts = path.split('/').slice(0, -1)
    const made = parts.findIndex(part => MADE_FOLDERS.includes(part))
    const folder = made === -1 ? parts[0] : parts[made]
    if (folder !== undefined) sizes.set(folder, (sizes.get(folder) ?? 0) + size)
  }
  const [largest] = [...sizes].sort(([, a], [, b]) => b - a)
  return {
    bytes,
    files: files.length,
    largest: largest === undefined ? undefined : { folder: largest[0], bytes: largest[1] },
  }
}
