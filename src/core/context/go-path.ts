/**
 * Go's `path.Clean`: collapses `.`, `..` and repeated slashes, drops a trailing slash, gives `.` for nothing. Docker cleans every pattern
 * and COPY source with it, and Node's `posix.normalize` differs in keeping trailing slashes.
 */
export function cleanPath(path: string): string {
  const rooted = path.startsWith('/')
  const kept: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') kept.push(part)
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop()
    else if (!rooted) kept.push('..')
  }
  const joined = kept.join('/')
  if (rooted) return `/${joined}`
  return joined === '' ? '.' : joined
}

/** The folder of a relative slash path; `.` for a name at the top. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash === -1 ? '.' : path.slice(0, slash)
}
