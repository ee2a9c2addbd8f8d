import type { SourceRange } from '../problem.js'
import { rangeAt } from './line-range.js'
import type { ObjectPlace } from './object-places.js'

export interface KustomizeFailure {
  /** What Kustomize wrote to its standard error. */
  readonly stderr: string
  /** The kustomization that was rendered. */
  readonly file: string
  /** Absolute paths of everything that it reads. */
  readonly files: readonly string[]
  readonly places: readonly ObjectPlace[]
  /** The first line in a file that holds a text; undefined where none does. */
  readonly findText: (file: string, text: string) => SourceRange | undefined
}

export interface KustomizeFault {
  readonly message: string
  readonly range: SourceRange
  readonly suggestion?: string
}

/** An error of Kustomize in words that a person can use, at the place that it is about as far as it can be known. */
export function kustomizeFault(failure: KustomizeFailure): KustomizeFault {
  const message = messageOf(failure.stderr)
  const range =
    malformed(message, failure) ??
    unknownField(message, failure) ??
    ofObject(message, failure) ??
    ofFile(message, failure) ??
    rangeAt(failure.file, 1)
  const suggestion = suggestionFor(message)
  return { message: shortened(message), range, ...(suggestion === undefined ? {} : { suggestion }) }
}

/** The message without kubectl's log prefix (`E1121 … err="…"`) or that of the kustomize binary (`Error: …`), and without warnings. */
function messageOf(stderr: string): string {
  const quoted = /\berr="((?:[^"\\]|\\.)*)"/.exec(stderr)?.[1]
  if (quoted !== undefined)
    return quoted.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter))
  const block = /\berr=<\n([\s\S]*?)\n >/.exec(stderr)?.[1]
  if (block !== undefined) return block.replace(/^\t/gm, '')
  const lines = stderr.split('\n').filter(line => line.trim() !== '' && !line.startsWith('# Warning'))
  return lines.join('\n').replace(/^(Error|error): /, '') || 'kustomize failed without a word'
}

/** `MalformedYAMLError: yaml: line 2: … in File: d.yaml`, `invalid Kustomization: yaml: line 1: …` */
function malformed(message: string, { file, files }: KustomizeFailure): SourceRange | undefined {
  const line = /yaml: line (\d+)/.exec(message)?.[1]
  if (line === undefined) return undefined
  const named = /in File: (\S+)/.exec(message)?.[1]
  const target = named === undefined ? undefined : fileOf(message, named, files)
  if (target === undefined && !message.includes('invalid Kustomization')) return undefined
  return rangeAt(target ?? file, Number(line))
}

/** The file of that name below the last kustomization that Kustomize went into: others may have one of the same name. */
function fileOf(message: string, named: string, files: readonly string[]): string | undefined {
  const [, folder] = [...message.matchAll(/recursed accumulation of path '([^']+)'/g)].at(-1) ?? []
  const parts = (folder ?? '').replaceAll('\\', '/').split('/').filter(Boolean)
  // The folder as a whole, or as much of its end as both have: a link may be in its beginning.
  for (let from = 0; from < parts.length; from++) {
    const path = [...parts.slice(from), named.replace(/^\.\//, '')].join('/')
    const found = files.find(file => endsWithPath(file, path))
    if (found !== undefined) return found
  }
  return files.find(file => endsWithPath(file, named))
}

function unknownField(message: string, { file, files, findText }: KustomizeFailure): SourceRange | undefined {
  const field = /unknown field "([^"]+)"/.exec(message)?.[1]
  if (field === undefined) return undefined
  const kustomizations = [file, ...files.filter(path => /kustomization(\.ya?ml)?$/i.test(path))]
  for (const path of kustomizations) {
    const found = findText(path, `${field}:`)
    if (found !== undefined) return found
  }
  return undefined
}

/** Names of objects stand in messages as `Deployment.v1.apps/tour.[noNs]`. */
function ofObject(message: string, { places }: KustomizeFailure): SourceRange | undefined {
  for (const [, kind, name] of message.matchAll(
    /\b([A-Z]\w+)\.v\w+\.[\w.[\]-]+\/([\w.-]+?)\.[\w[\]-]+(?=[\s"';:,]|$)/g,
  )) {
    // The last place: where two files have the object, the later one is too many; a patch stands behind what it patches.
    const found = places.findLast(place => place.kind === kind && place.name === name)
    if (found !== undefined) return found.range
  }
  return undefined
}

function ofFile(message: string, { files }: KustomizeFailure): SourceRange | undefined {
  const named = [...message.matchAll(/'([^']+)'/g)].flatMap(([, path]) => path ?? []).toReversed()
  for (const path of named) {
    const target = files.find(file => endsWithPath(file, path))
    if (target !== undefined) return rangeAt(target, 1)
  }
  return undefined
}

function suggestionFor(message: string): string | undefined {
  if (message.includes('--enable-helm'))
    return 'kustomize runs no helm by itself: name the chart as an entry of its own under manifests, { helm: … }'
  if (message.includes('is not in or below'))
    return 'a kustomization may name no file outside of its own folder: make a base of it, a folder with a kustomization.yaml'
  if (message.includes('already registered id')) return 'keep one of the two'
  if (message.includes('failed to find unique target'))
    return 'the kind, name and namespace of a patch must be those of an object of the resources'
  return undefined
}

/** Kustomize says first what it was about and last what was wrong, and of a file also that it is no folder. */
function shortened(message: string): string {
  return message
    .replace(/^(accumulating resources: |accumulation err='accumulating resources from '[^']*': )+/, '')
    .replace(/accumulation err='(.*)': must build at directory:.*$/s, '$1')
    .replace(/'?: must build at directory:.*: file is not directory$/s, '')
    .replace(/\s+/g, ' ')
    .trim()
}

const endsWithPath = (file: string, path: string): boolean => {
  const plain = path.replaceAll('\\', '/').replace(/^(\.{1,2}\/)+/, '')
  const whole = file.replaceAll('\\', '/')
  return plain !== '' && (whole === plain || whole.endsWith(`/${plain}`))
}
