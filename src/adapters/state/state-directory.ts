import { createHash, randomBytes } from 'node:crypto'
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { isAbsolute, join, relative } from 'node:path'
import { ok } from '../../core/result.js'
import type { ProcessRunner } from '../../ports/process-runner.js'
import type { ProjectIdentity, ProjectMeta, ProjectState, StateStore } from '../../ports/state-store.js'
import { clearHalves } from './clear-halves.js'
import { openFileJournal } from './file-journal.js'
import { openImageCache } from './image-cache.js'
import { endOrphans } from './orphans.js'
import { openOverrideFile } from './override-file.js'
import { readLock, takeLock } from './owner-lock.js'
import { openPortsFile } from './ports-file.js'
import { guardFiles, isCode } from './state-failure.js'
import { openTimingsFile } from './timings-file.js'
import { writeAtomically } from './write-atomically.js'

export interface StateDirectoryOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly runner: ProcessRunner
}

/** Where devloop keeps its state: never in a repository. `DEVLOOP_STATE_DIR` names another place. */
export function stateHome({ env, platform }: Pick<StateDirectoryOptions, 'env' | 'platform'>): string {
  if (env.DEVLOOP_STATE_DIR) return env.DEVLOOP_STATE_DIR
  const home = env.HOME ?? homedir()
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'devloop')
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'devloop')
  // The specification has relative paths ignored: https://specifications.freedesktop.org/basedir-spec/latest/
  const xdg = env.XDG_STATE_HOME
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(home, '.local', 'state'), 'devloop')
}

/** One folder for each root, name and context: readable, and told apart by a hash. */
function projectFolder({ root, name, context }: Omit<ProjectIdentity, 'configFile'>): string {
  const slug = `${name}-${context}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 48)
  return `${slug}-${digest(JSON.stringify([root, name, context]))}`
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12)

/** `sun_path` has 104 bytes on macOS and 108 on Linux, its end included. */
const longestSocketPath = 99

export function socketPathIn(directory: string, platform: NodeJS.Platform): string {
  const id = digest(directory)
  if (platform === 'win32') return `\\\\.\\pipe\\devloop-${id}`
  const near = join(directory, 'socket')
  return Buffer.byteLength(near) <= longestSocketPath ? near : join(tmpdir(), `devloop-${id}.sock`)
}

export function openStateStore(options: StateDirectoryOptions): StateStore {
  const projects = join(stateHome(options), 'projects')
  return {
    open: identity => {
      const directory = join(projects, projectFolder(identity))
      return guardFiles(directory, async () => {
        await mkdir(directory, { recursive: true, mode: 0o700 })
        const known = await readMeta(directory)
        const meta: ProjectMeta = {
          version: 1,
          createdAt: known?.createdAt ?? new Date().toISOString(),
          ...(known?.clusterUid === undefined ? {} : { clusterUid: known.clusterUid }),
          ...identity,
        }
        if (known?.configFile !== meta.configFile) await writeMeta(directory, meta)
        return projectState({ directory, meta, key: await hashKey(directory), options })
      })
    },
    findProjects: ({ root, name }) =>
      guardFiles(projects, async () => {
        const metas = await Promise.all(
          (await namesIn(projects)).map(folder => readMeta(join(projects, folder))),
        )
        return metas
          .filter(meta => meta !== undefined)
          .filter(meta => name === undefined || meta.name === name)
          .filter(meta => root === undefined || isWithin(root, meta.root))
          .sort((left, right) => right.root.length - left.root.length)
      }),
  }
}

interface ProjectStateInput {
  readonly directory: string
  readonly meta: ProjectMeta
  readonly key: string
  readonly options: StateDirectoryOptions
}

function projectState({ directory, meta, key, options }: ProjectStateInput): ProjectState {
  const { runner, platform } = options
  return {
    meta,
    directory,
    socketPath: socketPathIn(directory, platform),
    logsDirectory: logsIn(directory),
    configHashKey: key,
    openJournal: ({ access, onNotice }) =>
      openFileJournal({ path: join(directory, 'journal.ndjson'), hashKey: key, access, onNotice }),
    openImages: () => openImageCache(join(directory, 'images.json')),
    openTimings: () => openTimingsFile(join(directory, 'timings.ndjson')),
    openPorts: () => openPortsFile(join(directory, 'ports.json')),
    openOverrides: () => openOverrideFile(join(directory, 'overrides.json')),
    lock: command => takeLock(directory, { configFile: meta.configFile, command }, runner),
    readOwner: () => guardFiles(directory, () => readLock(directory, runner)),
    endOrphans: async () => {
      const owner = await guardFiles(directory, () => readLock(directory, runner))
      if (!owner.ok) return owner
      // While another process owns the project its children are no orphans.
      if (owner.value !== undefined && owner.value.pid !== process.pid) return ok([])
      return guardFiles(directory, async () => {
        await clearHalves(directory, Date.now())
        return endOrphans(directory, runner)
      })
    },
    removeLogs: () =>
      guardFiles(logsIn(directory), () => rm(logsIn(directory), { recursive: true, force: true })),
    setClusterUid: clusterUid => guardFiles(directory, () => writeMeta(directory, { ...meta, clusterUid })),
    remove: () => guardFiles(directory, () => rm(directory, { recursive: true, force: true })),
  }
}

/** Made once; two processes that come at the same time get the same one. */
async function hashKey(directory: string): Promise<string> {
  const path = join(directory, 'key')
  const whole = `${path}.${process.pid}.tmp`
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error
  }
  try {
    await writeFile(whole, randomBytes(32).toString('hex'), { mode: 0o600 })
    await link(whole, path)
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
  } finally {
    await rm(whole, { force: true })
  }
  return readFile(path, 'utf8')
}

const logsIn = (directory: string) => join(directory, 'logs')

const metaFile = (directory: string) => join(directory, 'meta.json')

function writeMeta(directory: string, meta: ProjectMeta): Promise<void> {
  return writeAtomically(metaFile(directory), `${JSON.stringify(meta, null, 2)}\n`)
}

async function readMeta(directory: string): Promise<ProjectMeta | undefined> {
  try {
    const meta = JSON.parse(await readFile(metaFile(directory), 'utf8')) as Partial<ProjectMeta>
    return typeof meta.root === 'string' && typeof meta.name === 'string' ? (meta as ProjectMeta) : undefined
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR') || error instanceof SyntaxError) return undefined
    throw error
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return []
    throw error
  }
}

function isWithin(path: string, root: string): boolean {
  const way = relative(root, path)
  return way === '' || (!way.startsWith('..') && !isAbsolute(way))
}
