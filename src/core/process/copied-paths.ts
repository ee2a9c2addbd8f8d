import type { ContextFile } from '../build-input.js'
import { compileGoMatch, hasWildcard } from '../context/go-match.js'
import { cleanPath } from '../context/go-path.js'
import { hostPathOf, type PathPair, sortedPairs } from './process-image.js'

/** One COPY or ADD, its words expanded. */
export interface Copy {
  readonly sources: readonly string[]
  readonly target: string
  readonly workingDir: string
  /** Of the stage that `--from` names; absent: the sources are of the context. */
  readonly from?: readonly PathPair[]
}

export interface CopyContext {
  /** Absolute path of the build context. */
  readonly context: string
  /** What of the context a build sees. */
  readonly files: readonly ContextFile[]
}

/** Absolute path in the image; relative ones begin at the working directory. */
export const imagePath = (path: string, workingDir: string): string =>
  cleanPath(path.startsWith('/') ? path : `${workingDir}/${path}`)

/**
 * Which path of the image is which path here, after one COPY. Without a copy nothing can be told apart that only a build makes, so what comes from another stage and has
 * an extension counts as a file. A pattern that no file of the context matches stays one in `host`, for what a tool makes later.
 */
export function copiedPaths(copy: Copy, where: CopyContext): readonly PathPair[] {
  const target = imagePath(copy.target, copy.workingDir)
  const found = copy.sources.flatMap(source =>
    copy.from === undefined ? ofContext(source, where) : ofStage(source, copy.from),
  )
  const isFolderTarget =
    /(?:^|\/)\.{0,2}$/.test(copy.target) || found.length > 1 || target === cleanPath(copy.workingDir)
  return found.map(({ host, folder, name }) => ({
    image: folder || !isFolderTarget ? target : join(target, name),
    host,
  }))
}

interface Source {
  readonly host: string
  readonly folder: boolean
  readonly name: string
}

function ofContext(source: string, { context, files }: CopyContext): readonly Source[] {
  const path = cleanPath(`/${source}`).slice(1)
  const root = context.replace(/\/$/, '')
  if (path === '') return [{ host: context, folder: true, name: '' }]
  if (!hasWildcard(path)) {
    const folder = isFolder(path, files)
    return [{ host: `${root}/${path}`, folder, name: nameOf(path) }]
  }
  const expression = compileGoMatch(path)
  const matches = topMatches(expression, files)
  if (matches.length === 0) return [{ host: `${root}/${path}`, folder: false, name: nameOf(path) }]
  return matches.map(match => ({
    host: `${root}/${match}`,
    folder: isFolder(match, files),
    name: nameOf(match),
  }))
}

/** Paths that match, folders too that only their files tell of. */
function topMatches(expression: RegExp | undefined, files: readonly ContextFile[]): readonly string[] {
  if (expression === undefined) return []
  const paths = new Set<string>()
  for (const { path } of files)
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) paths.add(path.slice(0, end))
  return [...paths].filter(path => expression.test(path)).sort()
}

function ofStage(source: string, pairs: readonly PathPair[]): readonly Source[] {
  const path = cleanPath(`/${source}`)
  const host = hostPathOf(path, pairs)
  return host === undefined ? [] : [{ host, folder: !hasExtension(path), name: nameOf(path) }]
}

function isFolder(path: string, files: readonly ContextFile[]): boolean {
  const own = files.find(file => file.path === path)
  if (own !== undefined) return own.type === 'directory'
  return files.some(file => file.path.startsWith(`${path}/`)) || !hasExtension(path)
}

const hasExtension = (path: string): boolean => /[^/.][^/]*\.[A-Za-z0-9]+$/.test(path)
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
const join = (folder: string, name: string): string => (folder === '/' ? `/${name}` : `${folder}/${name}`)

/**
 * Where a folder of the image is here that no COPY names: from the first path below it that has the same tail on both sides. `/app` is the
 * context after `COPY src /app/src`.
 */
export function folderOf(path: string, pairs: readonly PathPair[]): string | undefined {
  const known = hostPathOf(path, sortedPairs(pairs))
  if (known !== undefined) return known
  const inside = path === '/' ? '/' : `${path}/`
  for (const { image, host } of pairs) {
    if (!image.startsWith(inside)) continue
    const tail = image.slice(inside.length)
    if (host.endsWith(`/${tail}`)) return host.slice(0, -tail.length - 1)
  }
  return undefined
}
