/** Whether a path is in a folder or below it; the folder itself is not. */
export const isBelow = (path: string, folder: string): boolean =>
  folder === '.' ? path !== '.' : path.startsWith(`${folder}/`)

/** The folders above one, the nearest first, `.` last; none above `.`. */
export function ancestorsOf(folder: string): readonly string[] {
  if (folder === '.') return []
  const parts = folder.split('/')
  return [...parts.slice(1).map((_, index) => parts.slice(0, parts.length - 1 - index).join('/')), '.']
}
