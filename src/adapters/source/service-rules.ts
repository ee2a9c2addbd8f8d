import { readdir, readFile, realpath } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { distance } from 'fastest-levenshtein'
import { analyseDockerfile, type DockerfileInputs } from '../../core/context/dockerfile-analysis.js'
import { type IgnoreRules, noIgnoreRules, parseIgnoreFile } from '../../core/context/ignore-rules.js'
import { triggersOf } from '../../core/context/on-build.js'
import type { ContextInvalid } from '../../core/problem.js'
import type { ServiceSpec } from '../../core/project.js'
import { err, ok, type Result } from '../../core/result.js'
import { isGone } from './file-calls.js'

/** Everything that decides which files of a context are a service's inputs. */
export interface ServiceRules {
  readonly dockerfile: string
  readonly inputs: DockerfileInputs
  readonly ignore: IgnoreRules
  /** The ignore file that is in force. */
  readonly ignoreFile: { readonly path: string; readonly text: string } | undefined
  /** The texts that these rules were read from: equal texts, equal rules. */
  readonly text: string
}

const ignoreFiles = (service: ServiceSpec): readonly string[] => [
  `${service.dockerfile}.dockerignore`,
  join(service.context, '.dockerignore'),
]

const baseFiles = (service: ServiceSpec): readonly string[] =>
  service.requires.flatMap(({ base }) => base?.dockerfile ?? [])

/** The files whose change makes the rules anew: the Dockerfile, both ignore files, there or not, and the Dockerfiles of what it builds upon. */
export const ruleFiles = (service: ServiceSpec): readonly string[] => [
  service.dockerfile,
  ...ignoreFiles(service),
  ...baseFiles(service),
]

/**
 * Reads the Dockerfile and the ignore file. `<Dockerfile>.dockerignore` comes before `.dockerignore`, as in BuildKit; the classic docker CLI
 * knows the latter only, but here the same files are sent to either builder.
 */
export async function readServiceRules(service: ServiceSpec): Promise<Result<ServiceRules, ContextInvalid>> {
  const invalid = (message: string, more: Partial<ContextInvalid> = {}) =>
    err<ContextInvalid>({ kind: 'context-invalid', service: service.name, message, ...more })
  const dockerfile = await readText(service.dockerfile)
  if (dockerfile === undefined)
    return invalid(`there is no Dockerfile at ${service.dockerfile}`, await nearNames(service.dockerfile))
  if (dockerfile instanceof Error) return invalid(dockerfile.message)
  const onBuild = await readTriggers(service)
  const analysed = analyseDockerfile(dockerfile, {
    onBuild,
    target: service.target,
    buildArgs: service.buildArgs,
    deferredArgs: service.requires.map(one => one.arg),
    platform: service.platform ?? `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  })
  if (!analysed.ok) {
    const { message, line, hint } = analysed.error
    return invalid(`${service.dockerfile}: ${message}`, {
      ...(line === undefined ? {} : { range: lineRange(service.dockerfile, line) }),
      ...(hint === undefined ? {} : { hint }),
    })
  }
  let ignore = noIgnoreRules
  let ignoreFile: ServiceRules['ignoreFile']
  for (const file of ignoreFiles(service)) {
    const text = await readText(file)
    if (text === undefined) continue
    if (text instanceof Error) return invalid(text.message)
    const parsed = parseIgnoreFile(text, { file, windows: process.platform === 'win32' })
    if (!parsed.ok)
      return invalid(`${file}: ${parsed.error.message}`, { range: lineRange(file, parsed.error.line) })
    ignore = parsed.value
    ignoreFile = { path: file, text }
    break
  }
  const text = [dockerfile, ignoreFile?.text ?? '', ...onBuild].join('\0')
  return ok({ dockerfile, inputs: analysed.value, ignore, ignoreFile, text })
}

/** What the services that this one builds upon have it do first (ONBUILD). Of one whose Dockerfile cannot be read its own scan tells. */
async function readTriggers({ requires }: ServiceSpec): Promise<readonly string[]> {
  const triggers = await Promise.all(
    requires.map(async ({ base }) => {
      const text = base === undefined ? undefined : await readText(base.dockerfile)
      return typeof text === 'string' ? triggersOf(text, base?.target) : []
    }),
  )
  return triggers.flat()
}

const lineRange = (file: string, line: number) => ({ file, line, column: 1, endLine: line, endColumn: 1 })

/** Undefined where there is no such file. */
async function readText(path: string): Promise<string | Error | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isGone(error)) return undefined
    return error instanceof Error ? error : new Error(String(error))
  }
}

async function nearNames(path: string): Promise<{ readonly hint?: string }> {
  const wanted = basename(path).toLowerCase()
  const names = await readdir(dirname(path)).catch(() => [])
  const near = names.filter(
    name => name.toLowerCase().includes('dockerfile') || distance(name.toLowerCase(), wanted) <= 2,
  )
  return near.length === 0 ? {} : { hint: `in that folder: ${near.slice(0, 5).join(', ')}` }
}

/** A path relative to a folder, with `/`; undefined where it lies outside. The folder itself is `.`. */
export function relativeTo(folder: string, path: string): string | undefined {
  const found = relative(folder, path)
  if (found === '') return '.'
  if (found === '..' || found.startsWith(`..${sep}`) || /^[A-Za-z]:/.test(found)) return undefined
  return sep === '/' ? found : found.replaceAll(sep, '/')
}

/** The folder with its symlinks resolved; undefined where it is not there. */
export const realFolder = (path: string): Promise<string | undefined> => realpath(path).catch(() => undefined)
