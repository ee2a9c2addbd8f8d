import { createHash } from 'node:crypto'
import picomatch from 'picomatch'
import type { ContextFile } from '../../core/build-input.js'
import type { ServiceSpec } from '../../core/project.js'
import type { ServiceRules } from './service-rules.js'

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
