import { relative, sep } from 'node:path'
import picomatch from 'picomatch'
import type { Project } from '../project.js'

/** Whether the config includes this file, or would if it were there. Absolute path. */
export function isIncluded(path: string, { include, root }: Pick<Project, 'include' | 'root'>): boolean {
  if (include === undefined) return false
  if (include.files.includes(path)) return true
  return include.patterns.some(pattern => matches(stepsOf(pattern), path, root))
}

/** Whether files of the config were read from below this path. Absolute path. */
export function holdsIncluded(path: string, { include }: Pick<Project, 'include'>): boolean {
  return include?.files.some(file => file.startsWith(path + sep)) === true
}

/** Whether files of the config may be below this folder, which came or went. Absolute path. */
export function mayHoldIncluded(
  folder: string,
  { include, root }: Pick<Project, 'include' | 'root'>,
): boolean {
  if (include === undefined) return false
  if (folder === root) return include.patterns.length > 0
  return include.patterns.some(pattern => {
    const steps = stepsOf(pattern)
    return steps.some((_, at) => at > 0 && matches(steps.slice(0, at), folder, root))
  })
}

const stepsOf = (pattern: string): readonly string[] => pattern.replace(/^(\.\/)+/, '').split('/')

const matches = (steps: readonly string[], path: string, root: string): boolean =>
  picomatch(steps.join('/'), { dot: false })(relative(root, path).split(sep).join('/'))
