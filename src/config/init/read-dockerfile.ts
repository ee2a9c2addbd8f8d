import { buildMounts } from '../../core/context/build-mounts.js'
import type { ContextSource } from '../../core/context/context-source.js'
import { analyseDockerfile } from '../../core/context/dockerfile-analysis.js'
import { type ParsedDockerfile, parseDockerfile } from '../../core/context/dockerfile-instructions.js'
import { splitStages } from '../../core/context/dockerfile-stages.js'
import { hasWildcard } from '../../core/context/go-match.js'
import { ancestorsOf } from './folders.js'

/** What a Dockerfile says about how it is to be built. */
export interface DockerfileFacts {
  /** Arguments that say what it is built upon, with the image that stands there: `BASE` of `ARG BASE=acme/base` and `FROM ${BASE}`. */
  readonly bases: readonly { readonly arg: string; readonly image: string }[]
  /** The ids of the build secrets that it mounts. */
  readonly secrets: readonly string[]
}

/** Reads what `devloop init` needs to know of a Dockerfile. */
export function readDockerfile(text: string): DockerfileFacts {
  const file = parseDockerfile(text)
  return { bases: basesOf(file), secrets: buildMounts(text).secrets }
}

function basesOf(file: ParsedDockerfile): DockerfileFacts['bases'] {
  const { globals, stages } = splitStages(file)
  const defaults = new Map(
    globals
      .flatMap(({ words }) => words)
      .map(word => /^(\w+)=["']?([^"']+)["']?$/.exec(word))
      .flatMap(match => (match?.[1] === undefined || match[2] === undefined ? [] : [[match[1], match[2]]])),
  )
  return stages.flatMap(({ from }) => {
    const arg = /^\$(?:\{(\w+)\}|(\w+))$/.exec(from.words[0] ?? '')
    const name = arg?.[1] ?? arg?.[2]
    const image = name === undefined ? undefined : defaults.get(name)
    return name === undefined || image === undefined ? [] : [{ arg: name, image }]
  })
}

/**
 * The folder that a Dockerfile means by its context: its own, unless what it copies is found rather in one above, as with `docker/web.Dockerfile` that says
 * `COPY apps/web …`, or what it runs is, as with `COPY . .` and `CMD ["node", "apps/web/main.js"]`. What is nowhere (a tool makes it) tells nothing.
 */
export function inferContext(
  { own, text, target }: { readonly own: string; readonly text: string; readonly target: string | undefined },
  files: readonly string[],
): string {
  const analysed = analyseDockerfile(text, { buildArgs: {}, target })
  const all = analysed.ok ? analysed.value.sources : []
  const named = all.filter(({ pattern }) => pattern !== '.')
  const copied = named.length === 0 && all.length > 0 ? programPaths(text) : []
  const below = (folder: string): readonly string[] =>
    folder === '.'
      ? files
      : files.filter(file => file.startsWith(`${folder}/`)).map(file => file.slice(folder.length + 1))
  const missingIn = (folder: string): number => {
    const there = below(folder)
    return (
      named.filter(source => !there.some(path => isFound(source, path))).length +
      copied.filter(path => !there.includes(path)).length
    )
  }
  let best = { folder: own, missing: missingIn(own) }
  for (const folder of ancestorsOf(own)) {
    if (best.missing === 0) break
    const missing = missingIn(folder)
    if (missing < best.missing) best = { folder, missing }
  }
  return best.folder
}

/** Files below folders that the program's own words name: of `CMD ["node", "./apps/web/main.js"]`, `apps/web/main.js`. */
const programPaths = (text: string): readonly string[] => [
  ...new Set(
    parseDockerfile(text)
      .instructions.filter(({ keyword }) => keyword === 'CMD' || keyword === 'ENTRYPOINT')
      .flatMap(({ words }) => words)
      .map(word => word.replace(/^(?:\.\/)+/, ''))
      .filter(word => /^[\w@.][^\s$]*\/[^\s$]*\.\w+$/.test(word)),
  ),
]

const isFound = (source: ContextSource, path: string): boolean =>
  hasWildcard(source.pattern)
    ? source.sees(path)
    : path === source.pattern || path.startsWith(`${source.pattern}/`)
