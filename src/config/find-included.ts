import { dirname, resolve } from 'node:path'
import { glob, isDynamicPattern } from 'tinyglobby'
import { type ConfigFile, childOf, treeOf } from './config-tree.js'
import { kindOf, nearbyFolder } from './files.js'
import { type Finding, finding } from './finding.js'

interface Included {
  /** Absolute, each once, in the order of the patterns and, of one pattern, of the names. */
  readonly files: readonly string[]
  readonly patterns: readonly string[]
  /** Absolute paths that are named and not there. */
  readonly missing: readonly string[]
  readonly findings: readonly Finding[]
}

/** The files that a config includes. */
export async function findIncluded(source: ConfigFile): Promise<Included> {
  const include = childOf(treeOf(source.document.value, { source, path: [] }), 'include')
  const root = dirname(source.file)
  const files = new Set<string>()
  const patterns: string[] = []
  const missing: string[] = []
  const findings: Finding[] = []
  for (const item of include?.kind === 'list' ? include.items : []) {
    if (item.kind !== 'leaf' || typeof item.value !== 'string' || item.value === '') continue
    const pattern = item.value
    const { path } = item.origin
    patterns.push(pattern)
    if (isDynamicPattern(pattern)) {
      const found = await glob([pattern], {
        cwd: root,
        absolute: true,
        ignore: ['**/node_modules/**', '**/.git/**'],
      })
      for (const file of found.sort()) files.add(resolve(file))
      if (found.length === 0) findings.push(finding(path, `no file is ${pattern}`, { severity: 'warning' }))
      continue
    }
    const file = resolve(root, pattern)
    const kind = await kindOf(file)
    if (kind === 'file') files.add(file)
    else {
      missing.push(file)
      findings.push(
        finding(path, kind === 'folder' ? `${pattern} is a folder` : `there is no file ${pattern}`, {
          suggestion: kind === 'folder' ? 'name the config file in it' : await nearbyFolder(file, root),
        }),
      )
    }
  }
  files.delete(source.file)
  return { files: [...files], patterns, missing, findings }
}
