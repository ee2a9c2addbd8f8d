import { posix } from 'node:path'
import type Docker from 'dockerode'
import { err, ok } from '../../core/result.js'
import type { ImageProgram, Supervisor } from '../../core/sync/supervise.js'
import type { ImagePrograms } from '../../ports/image-programs.js'

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
/** Where images without a shell have Node. */
const NODE_FOLDERS = ['/nodejs/bin', '/usr/local/bin', '/usr/bin']

/** Asks the engine, by a container that is made and never started. What an image's id names never changes, so it is asked once. */
export function createImagePrograms(docker: () => Promise<Docker>): ImagePrograms {
  const known = new Map<string, Promise<ImageProgram>>()
  const look = async (id: string): Promise<ImageProgram> => {
    const engine = await docker()
    const { Config } = await engine.getImage(id).inspect()
    const entrypoint = wordsOf(Config.Entrypoint)
    const command = wordsOf(Config.Cmd)
    const path = (Config.Env ?? []).find(one => one.startsWith('PATH='))?.slice(5) ?? DEFAULT_PATH
    return {
      entrypoint,
      command,
      supervisor: await findSupervisor(engine, id, { entrypoint, command, path }),
    }
  }
  return {
    async programOf(id) {
      const asked = known.get(id) ?? look(id)
      known.set(id, asked)
      try {
        return ok(await asked)
      } catch (error) {
        known.delete(id)
        const message = error instanceof Error ? error.message : String(error)
        return err({ kind: 'engine-unreachable', endpoint: 'docker', message })
      }
    },
  }
}

const wordsOf = (value: string | string[] | undefined | null): readonly string[] =>
  value === undefined || value === null ? [] : typeof value === 'string' ? [value] : value

async function findSupervisor(
  engine: Docker,
  image: string,
  { entrypoint, command, path }: { entrypoint: readonly string[]; command: readonly string[]; path: string },
): Promise<Supervisor | undefined> {
  const [program] = [...entrypoint, ...command]
  const named = program !== undefined && posix.isAbsolute(program) && posix.basename(program) === 'node'
  const folders = [...path.split(':').filter(folder => posix.isAbsolute(folder)), ...NODE_FOLDERS]
  const nodes = [...(named ? [program] : []), ...folders.map(folder => posix.join(folder, 'node'))]
  const container = await engine.createContainer({ Image: image, Entrypoint: ['none'], Cmd: ['none'] })
  const has = async (file: string): Promise<boolean> => {
    try {
      const answer = await container.infoArchive({ path: file })
      answer.resume()
      return true
    } catch (error) {
      if ((error as { readonly statusCode?: number }).statusCode === 404) return false
      throw error
    }
  }
  try {
    if (await has('/bin/sh')) return { kind: 'sh', path: '/bin/sh' }
    for (const file of new Set(nodes)) if (await has(file)) return { kind: 'node', path: file }
    return undefined
  } finally {
    await container.remove({ force: true })
  }
}
