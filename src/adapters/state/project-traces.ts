import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProjectTraces } from '../../core/doctor/judge-leftovers.js'
import type { ProcessRunner } from '../../ports/process-runner.js'
import type { ProjectMeta } from '../../ports/state-store.js'
import { findOrphans } from './orphans.js'
import { readLock } from './owner-lock.js'

/** What every run left in the state folder `home`. Reads alone: nothing is ended, mended or deleted. */
export async function readProjectTraces(
  home: string,
  runner: ProcessRunner,
): Promise<readonly ProjectTraces[]> {
  const projects = join(home, 'projects')
  const folders = await readdir(projects).catch(() => [])
  const traces = await Promise.all(folders.map(folder => readTraces(join(projects, folder), runner)))
  return traces.filter(trace => trace !== undefined)
}

async function readTraces(directory: string, runner: ProcessRunner): Promise<ProjectTraces | undefined> {
  const text = await readFile(join(directory, 'meta.json'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  let meta: Partial<ProjectMeta>
  try {
    meta = JSON.parse(text) as Partial<ProjectMeta>
  } catch {
    return undefined
  }
  const { name = '', context = '', root = '' } = meta
  const [owner, names] = await Promise.all([readLock(directory, runner), readdir(directory)])
  return {
    name,
    context,
    root,
    isRootThere: (await stat(root).catch(() => undefined))?.isDirectory() === true,
    directory,
    owner: owner === undefined ? undefined : { pid: owner.pid, command: owner.command },
    hasDeadOwner: owner === undefined && names.some(file => /^owner\.\d+$/.test(file)),
    orphans: owner === undefined ? await findOrphans(directory, runner) : [],
    hasJournal: ((await stat(join(directory, 'journal.ndjson')).catch(() => undefined))?.size ?? 0) > 0,
  }
}
