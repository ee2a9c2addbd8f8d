import { posix } from 'node:path'
import picomatch from 'picomatch'
import { noiseReason } from '../../core/context/editor-files.js'
import type { ServiceSpec } from '../../core/project.js'
import { ignoreTest, lineOf } from './digest-lines.js'
import type { DiskEntry } from './file-cache.js'
import { isGone } from './file-calls.js'
import type { Walk } from './walk-context.js'

/** The digest's lines of what `watch.extra` names, by path, in the order of the paths. */
export async function describeExtra(service: ServiceSpec, walk: Walk): Promise<ReadonlyMap<string, string>> {
  const ignored = ignoreTest(service)
  const lines = new Map<string, string>()
  const visit = async (
    path: string,
    entry: DiskEntry,
    inside: string,
    wanted: (path: string) => boolean,
  ): Promise<void> => {
    if (noiseReason(inside) !== undefined || ignored(inside)) return
    if (entry.type === 'directory') return visitFolder(path, inside, wanted)
    if (!wanted(path)) return
    const content = entry.type === 'symlink' ? entry.linkTarget : await walk.cache.hash(path, entry)
    if (content !== undefined) lines.set(path, lineOf({ ...entry, path }, content))
  }
  const visitFolder = async (
    folder: string,
    inside: string,
    wanted: (path: string) => boolean,
  ): Promise<void> => {
    const entries = await walk.cache.list(folder, walk.since).catch(error => {
      if (isGone(error)) return []
      throw error
    })
    await Promise.all(
      entries.map(entry =>
        visit(
          `${folder}/${entry.name}`,
          entry,
          inside === '' ? entry.name : `${inside}/${entry.name}`,
          wanted,
        ),
      ),
    )
  }
  for (const path of service.watch.extra) {
    const { base, isGlob } = picomatch.scan(path)
    if (isGlob) await visitFolder(base, '', picomatch(path, { dot: true }))
    else {
      const siblings = await walk.cache.list(posix.dirname(path), walk.since).catch(() => [])
      const entry = siblings.find(one => one.name === posix.basename(path))
      if (entry?.type === 'directory') await visitFolder(path, '', () => true)
      else if (entry !== undefined) await visit(path, entry, entry.name, () => true)
    }
  }
  return new Map([...lines].sort(([a], [b]) => (a < b ? -1 : 1)))
}
