import { createHash } from 'node:crypto'
import picomatch from 'picomatch'
import type { ContextFile } from '../../core/build-input.js'
import { noiseReason } from '../../core/context/editor-files.js'
import type { ServiceSpec } from '../../core/project.js'
import type { FileCache } from './file-cache.js'
import type { ServiceRules } from './service-rules.js'
import type { Seen } from './walk-context.js'

/** The files of a context, and by path the line of each that counts for the digest. */
export async function describeFiles(
  seen: readonly Seen[],
  options: {
    readonly context: string
    readonly service: ServiceSpec
    readonly cache: FileCache
    readonly signal: AbortSignal
  },
): Promise<{ readonly files: readonly ContextFile[]; readonly digested: ReadonlyMap<string, string> }> {
  const ignored = ignoreTest(options.service)
  const files = await Promise.all(
    seen.map(
      async ({ path, entry }): Promise<{ file: ContextFile; line: string | undefined } | undefined> => {
        const file: ContextFile = {
          path,
          type: entry.type,
          mode: entry.mode,
          size: entry.size,
          mtimeMs: Number(entry.mtimeNs / 1000n) / 1000,
          ...(entry.linkTarget === undefined ? {} : { linkTarget: entry.linkTarget }),
        }
        if (noiseReason(path) !== undefined || ignored(path)) return { file, line: undefined }
        if (entry.type !== 'file') return { file, line: lineOf(file, entry.linkTarget ?? '') }
        if (options.signal.aborted) return undefined
        const sha256 = await options.cache.hash(`${options.context}/${path}`, entry)
        return sha256 === undefined ? undefined : { file: { ...file, sha256 }, line: lineOf(file, sha256) }
      },
    ),
  )
  const present = files.filter(file => file !== undefined)
  return {
    files: present.map(one => one.file),
    digested: new Map(
      present.flatMap(({ file, line }) => (line === undefined ? [] : [[file.path, line] as const])),
    ),
  }
}

/** One line of the digest. A symlink's permission bits mean nothing; a path may hold anything but is quoted. */
export const lineOf = (file: ContextFile, content: string): string =>
  `${JSON.stringify(file.path)} ${file.type} ${file.type === 'symlink' ? '-' : file.mode.toString(8)} ${JSON.stringify(content)}\n`

/** What counts besides files of the context, each with what tells one content from another. */
export function othersOf(
  service: ServiceSpec,
  { dockerfile, ignoreFile }: ServiceRules,
  extra: ReadonlyMap<string, string>,
): Readonly<Record<string, string>> {
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex')
  return {
    ...Object.fromEntries(extra),
    ...(ignoreFile === undefined ? {} : { [ignoreFile.path]: digest(ignoreFile.text) }),
    [service.dockerfile]: digest(dockerfile),
  }
}

/** Whether `watch.ignore` leaves a path out of the digest. */
export const ignoreTest = (service: ServiceSpec): ((path: string) => boolean) =>
  service.watch.ignore.length === 0 ? () => false : picomatch([...service.watch.ignore], { dot: true })
