import { posix } from 'node:path'
import picomatch from 'picomatch'

/** A `path` under `manifests`, taken apart: the folder or file where it starts, and the glob below it where it has one. */
export interface ManifestPath {
  readonly base: string
  readonly glob: string | undefined
}

/** The base is what a watcher can watch even while nothing there can be read. */
export function manifestPath(path: string): ManifestPath {
  const { base, glob } = picomatch.scan(posix.normalize(path))
  return glob === ''
    ? { base: posix.normalize(path), glob: undefined }
    : { base: base === '' ? '.' : base, glob }
}
