import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'
import type { Environment } from './resolve-variables.js'
import { isSkaffoldText } from './skaffold/is-skaffold-text.js'

type Plain = Readonly<Record<string, unknown>>

/**
 * The names of the services of a config, without the check of everything else, which takes longer than a person waits for a Tab: its own, those of the
 * files that it includes, and those that any of its profiles adds, active or not. None of a file that cannot be read.
 */
export async function quickServices(file: string, env: Environment): Promise<readonly string[]> {
  const text = await textOf(file)
  const read = (content: string): Plain => {
    try {
      return plainOf(parse(content, { logLevel: 'silent' }))
    } catch {
      return {}
    }
  }
  // A Skaffold file may have several documents, which `parse` does not take.
  if (isSkaffoldText(text)) return skaffoldServices(file, text, env)
  const root = read(text)
  const parts = await Promise.all((await includedFiles(root.include, dirname(file))).map(textOf))
  return [...new Set([root, ...parts.map(read)].flatMap(namesIn))]
}

function namesIn(config: Plain): readonly string[] {
  const profiles = Object.values(plainOf(config.profiles)).map(plainOf)
  return [
    ...Object.keys(plainOf(config.services)),
    ...profiles.flatMap(profile => [...Object.keys(plainOf(profile.services)), ...addedIn(profile)]),
  ]
}

/** Services that a profile adds by a patch: `{ op: add, path: /services/web }`. */
function addedIn(profile: Plain): readonly string[] {
  const patches = Array.isArray(profile.patches) ? profile.patches.map(plainOf) : []
  return patches.flatMap(({ op, path }) => {
    const name = typeof path === 'string' ? /^\/services\/([^/~]+)$/.exec(path)?.[1] : undefined
    return op === 'add' && name !== undefined ? [name] : []
  })
}

async function includedFiles(include: unknown, root: string): Promise<readonly string[]> {
  const patterns = Array.isArray(include) ? include.filter(item => typeof item === 'string') : []
  if (patterns.length === 0) return []
  const { glob } = await import('tinyglobby')
  const ignore = ['**/node_modules/**', '**/.git/**']
  const found = await Promise.all(
    patterns.map(pattern => glob([pattern], { cwd: root, absolute: true, ignore })),
  )
  return found.flatMap(files => files.toSorted().map(path => resolve(path)))
}

async function skaffoldServices(file: string, text: string, env: Environment): Promise<readonly string[]> {
  const { loadSkaffold } = await import('./skaffold/load-skaffold.js')
  const { config } = await loadSkaffold({ file, text, env, live: true })
  const services = config.fields.get('services')
  return services?.kind === 'map' ? [...services.fields.keys()] : []
}

const textOf = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')

const plainOf = (value: unknown): Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Plain) : {}
