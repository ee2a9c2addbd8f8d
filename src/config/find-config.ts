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
        notFound(given, `there is no dev.config.yaml in ${given}`)
      )
    return notFound(given, `there is no file ${given}`)
  }
  for (const names of [CONFIG_NAMES, SKAFFOLD_NAMES])
    for (let folder = resolve(cwd); ; folder = dirname(folder)) {
      const found = await configIn(folder, names)
      if (found) return found
      if (folder === dirname(folder)) break
    }
  return notFound(
    join(cwd, 'dev.config.yaml'),
    `there is no dev.config.yaml in ${cwd} or in a folder above it`,
  )
}

async function configIn(folder: string, names: readonly string[]): Promise<Result<string> | undefined> {
  for (const name of names) {
    const path = join(folder, name)
    if ((await kindOf(path)) === 'file') return ok(path)
  }
  return undefined
}

const notFound = (file: string, message: string): Result<never> =>
  configFault(file, message, 'devloop init writes one from what is there; or name one with --file')

/** What is wrong with a config file as a whole. */
export function configFault(file: string, message: string, suggestion: string): Result<never> {
  const problem: ConfigInvalid = {
    kind: 'config-invalid',
    file,
    diagnostics: [{ severity: 'error', message, suggestion }],
  }
  return err(problem)
}
