import { resolve, sep } from 'node:path'
import { manifestPath } from '../core/manifest/manifest-path.js'
import type { State } from '../core/state.js'
import { holdsIncluded, isIncluded, mayHoldIncluded } from '../core/why/is-included.js'
import type { ChangeBatch, WatchRoot } from '../ports/file-watcher.js'

/** Whether what changed may change the config: its files, and folders that came with some or went with them. */
export function concernsConfig(
  { paths, folders }: Pick<ChangeBatch, 'paths' | 'folders'>,
  { project, configProblem }: Pick<State, 'project' | 'configProblem'>,
): boolean {
  const others = othersOf(configProblem)
  return (
    paths.some(
      path =>
        path === project.configFile ||
        isIncluded(path, project) ||
        holdsIncluded(path, project) ||
        others.includes(path),
    ) || folders.some(folder => mayHoldIncluded(folder, project))
  )
}

/** What is watched for the config: its files, those that the last reading stumbled over, and where files come to be that a glob includes. */
export function configRoots({
  project,
  configProblem,
}: Pick<State, 'project' | 'configProblem'>): readonly WatchRoot[] {
  const { files = [], patterns = [] } = project.include ?? {}
  const single = new Set([project.configFile, ...files, ...othersOf(configProblem)])
  const folders = patterns.flatMap(pattern => {
    const { base, glob } = manifestPath(pattern)
    return glob === undefined ? [] : [folderRoot(resolve(project.root, base), glob)]
  })
  return [...[...single].map(path => ({ path, ignored: () => false })), ...folders]
}

const othersOf = (problem: State['configProblem']): readonly string[] =>
  problem?.kind === 'config-invalid' ? (problem.others ?? []) : []

/** Only as deep as the glob goes. */
function folderRoot(base: string, glob: string): WatchRoot {
  const depth = glob.includes('**') ? Number.POSITIVE_INFINITY : glob.split('/').length
  return {
    path: base,
    rules: `include ${glob}`,
    ignored: path => {
      const below = path
        .slice(base.length)
        .split(sep)
        .filter(part => part !== '')
      return below.length > depth || below.some(part => part === '.git' || part === 'node_modules')
    },
  }
}
