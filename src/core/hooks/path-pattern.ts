import { posix } from 'node:path'
import picomatch from 'picomatch'
import { memo } from '../memo.js'

/** A file, a folder with all below it, or a glob. */
export interface PathPattern {
  /** As the config has it. */
  readonly text: string
  /** Absolute path of the file or folder, or of the folder where the glob starts. */
  readonly base: string
  /** Relative to `base`. */
  readonly glob: string | undefined
}

/** Takes apart what is written relative to an absolute folder; brackets in the name of that folder are no glob. */
export function pathPattern(text: string, folder: string): PathPattern {
  const { base, glob } = picomatch.scan(posix.normalize(text))
  return glob === ''
    ? { text, base: posix.resolve(folder, text), glob: undefined }
    : { text, base: posix.resolve(folder, base), glob }
}

const matchers = memo(({ base, glob }: PathPattern): ((path: string) => boolean) => {
  const below = base === '/' ? '/' : `${base}/`
  if (glob === undefined) return path => path === base || path.startsWith(below)
  const matches = picomatch(glob, { dot: true })
  return path => path.startsWith(below) && matches(path.slice(below.length))
})

/** Whether one of the patterns means this absolute path. */
export function matchesAny(patterns: readonly PathPattern[], path: string): boolean {
  return patterns.some(pattern => matchers(pattern)(path))
}
