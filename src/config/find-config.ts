import { readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { ConfigInvalid } from '../core/problem.js'
import { err, ok, type Result } from '../core/result.js'
import { kindOf } from './files.js'

const CONFIG_NAMES = ['dev.config.yaml', 'dev.config.yml']
/** Taken where there is no config of devloop's own. */
const SKAFFOLD_NAMES = ['skaffold.yaml', 'skaffold.yml']

/** The config file that is meant by `file`, or by the folder `cwd` where none is named: in it, or in the nearest folder above. */
export async function findConfig(file: string | undefined, cwd: string): Promise<Result<string>> {
  if (file !== undefined) {
    const given = resolve(cwd, file)
    const kind = await kindOf(given)
    if (kind === 'file') return ok(given)
    if (kind === 'folder')
      return (
        (await configIn(given, CONFIG_NAMES)) ??
        (await configIn(given, SKAFFOLD_NAMES)) ??
        notFound(given, { message: `there is no dev.config.yaml in ${given}`, folder: given })
      )
    return notFound(given, { message: `there is no file ${given}`, folder: cwd })
  }
  for (const names of [CONFIG_NAMES, SKAFFOLD_NAMES])
    for (let folder = resolve(cwd); ; folder = dirname(folder)) {
      const found = await configIn(folder, names)
      if (found) return found
      if (folder === dirname(folder)) break
    }
  return notFound(join(cwd, 'dev.config.yaml'), {
    message: `there is no dev.config.yaml in ${cwd} or in a folder above it`,
    folder: cwd,
  })
}

async function configIn(folder: string, names: readonly string[]): Promise<Result<string> | undefined> {
  for (const name of names) {
    const path = join(folder, name)
    if ((await kindOf(path)) === 'file') return ok(path)
  }
  return undefined
}

/** The configs one or two folders below, the nearest first: of a repository in whose root a command is run. */
async function configsBelow(folder: string): Promise<readonly string[]> {
  const found: string[] = []
  let level = await foldersIn('', folder)
  for (let depth = 0; depth < DEPTH; depth++) {
    for (const path of level)
      for (const name of CONFIG_NAMES)
        if ((await kindOf(join(folder, path, name))) === 'file') found.push(`${path}/${name}`)
    if (depth + 1 < DEPTH) level = (await Promise.all(level.map(path => foldersIn(path, folder)))).flat()
  }
  return found.slice(0, MOST_SHOWN)
}

const DEPTH = 2
const MOST_SHOWN = 3
/** Of a folder with more, some are looked into: this is a hint. */
const MOST_FOLDERS = 100

async function foldersIn(path: string, root: string): Promise<readonly string[]> {
  const entries = await readdir(join(root, path), { withFileTypes: true }).catch(() => [])
  return entries
    .filter(entry => entry.isDirectory() && !/^\.|^node_modules$/.test(entry.name))
    .map(({ name }) => (path === '' ? name : `${path}/${name}`))
    .toSorted()
    .slice(0, MOST_FOLDERS)
}

async function notFound(
  file: string,
  { message, folder }: { readonly message: string; readonly folder: string },
): Promise<Result<never>> {
  const suggestion = 'devloop init writes one from what is there; or name one with --file'
  const below = await configsBelow(resolve(folder))
  return err({
    kind: 'config-invalid',
    file,
    below,
    diagnostics: [{ severity: 'error', message, suggestion }],
  })
}

/** What is wrong with a config file as a whole. */
export function configFault(file: string, message: string, suggestion: string): Result<never> {
  const problem: ConfigInvalid = {
    kind: 'config-invalid',
    file,
    diagnostics: [{ severity: 'error', message, suggestion }],
  }
  return err(problem)
}
