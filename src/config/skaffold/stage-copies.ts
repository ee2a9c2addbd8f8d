import { posix } from 'node:path'
import { parseDockerfile } from '../../core/context/dockerfile-instructions.js'
import { expandWord } from '../../core/context/dockerfile-words.js'

/** What the stage that an image is made of takes from the context, and where to. */
export interface StageCopies {
  /** Absolute; undefined where the base image sets it and the Dockerfile does not. */
  readonly workdir: string | undefined
  readonly copies: readonly StageCopy[]
}

export interface StageCopy {
  /** Relative to the context, without `./`; '' for the context itself. */
  readonly source: string
  /** Absolute. */
  readonly target: string
  /** Whether `target` is a folder whatever `source` is: it ends with a slash, or there are several sources. */
  readonly intoFolder: boolean
}

/** Reads COPY, ADD and WORKDIR of one stage, the last where none is named, and of the stages that it is built upon. */
export function stageCopies(
  dockerfile: string,
  options: { readonly target: string | undefined; readonly buildArgs: Readonly<Record<string, string>> },
): StageCopies {
  const { instructions, escape: escapeCharacter } = parseDockerfile(dockerfile)
  const values = new Map<string, string>()
  const stages: { readonly name: string | undefined; copies: StageCopy[]; workdir: string | undefined }[] = []
  const expand = (word: string): string | undefined =>
    expandWord(word, escapeCharacter, name => values.get(name)).text
  for (const { keyword, words, flags, heredoc } of instructions) {
    const stage = stages.at(-1)
    if (keyword === 'FROM') {
      const base = stages.findLast(({ name }) => name !== undefined && name === words[0]?.toLowerCase())
      stages.push({
        name: words[1]?.toUpperCase() === 'AS' ? words[2]?.toLowerCase() : undefined,
        copies: [...(base?.copies ?? [])],
        workdir: base?.workdir,
      })
    } else if (keyword === 'ARG' || keyword === 'ENV') {
      for (const [name, value] of assignments(words, keyword)) {
        const given = keyword === 'ARG' ? options.buildArgs[name] : undefined
        const known = given ?? (value === undefined ? undefined : expand(value))
        if (known !== undefined) values.set(name, known)
      }
    } else if (stage !== undefined && keyword === 'WORKDIR') {
      const path = expand(words.join(' '))
      stage.workdir = path === undefined ? undefined : absolute(path, stage.workdir)
    } else if (stage !== undefined && (keyword === 'COPY' || keyword === 'ADD')) {
      if (heredoc || flags.some(({ name }) => name === 'from')) continue
      const paths = words.map(expand)
      const target = paths.at(-1)
      const at = target === undefined ? undefined : absolute(target, stage.workdir)
      if (at === undefined || target === undefined) continue
      for (const source of paths.slice(0, -1))
        if (source !== undefined && !/^[a-z]+:\/\//.test(source))
          stage.copies.push({
            source: plain(source),
            target: at,
            intoFolder: paths.length > 2 || /(^|\/)\.?$/.test(target),
          })
    }
    if (stage === undefined || keyword !== 'FROM') continue
  }
  const named = stages.find(({ name }) => name === options.target?.toLowerCase())
  const stage = (options.target === undefined ? undefined : named) ?? stages.at(-1)
  return { workdir: stage?.workdir, copies: stage?.copies ?? [] }
}

function assignments(
  words: readonly string[],
  keyword: 'ARG' | 'ENV',
): readonly (readonly [string, string | undefined])[] {
  const [first = '', ...rest] = words
  if (keyword === 'ENV' && !first.includes('=')) return [[first, rest.join(' ')]]
  return words.map(word => {
    const equals = word.indexOf('=')
    return equals === -1 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)]
  })
}

/** A relative path needs to be known from where. */
function absolute(path: string, workdir: string | undefined): string | undefined {
  if (path.startsWith('/')) return trimmed(posix.normalize(path))
  return workdir === undefined ? undefined : trimmed(posix.join(workdir, path))
}

const trimmed = (path: string): string => path.replace(/(?<=.)\/$/, '')

const plain = (source: string): string => {
  const path = posix.normalize(source).replace(/^\/+|\/+$/g, '')
  return path === '.' ? '' : path
}
