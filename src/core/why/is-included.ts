import { relative, sep } from 'node:path'
import picomatch from 'picomatch'
import type { Project } from '../project.js'

/** Whether the config includes this file, or would if it were there. Absolute path. */
export function isIncluded(path: string, { include, root }: Pick<Project, 'include' | 'root'>): boolean {
  if (include === undefined) return false
  if (include.files.includes(path)) return true
  const from = relative(root, path).split(sep).join('/')
  return include.patterns.some(pattern => picomatch(pattern.replace(/^(\.\/)+/, ''), { dot: false })(from))
}
