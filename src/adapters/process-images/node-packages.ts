import { access, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { SkippedRun } from '../../core/process/read-process-image.js'

/** Packages that a Dockerfile installs and this machine lacks. */
export interface MissingPackages {
  readonly run: SkippedRun
  /** Absolute path of the folder with the package.json. */
  readonly folder: string
  readonly names: readonly string[]
}

/** `npm ci`, `yarn`, `pnpm install --prod`: of a package.json, and not of something global. */
const INSTALLS =
  /(?:^|&&|;)\s*(?:npm\s+(?:ci|i|install)|yarn(?:\s+install)?|pnpm\s+(?:i|install))(?=\s*(?:$|&&|;|-))/
const GLOBAL = /\s(?:-g|--global)\b/

/** The first RUN that installs packages which no `node_modules` from its folder upwards has. */
export async function missingPackages(runs: readonly SkippedRun[]): Promise<MissingPackages | undefined> {
  for (const run of runs) {
    const { folder, text } = run
    if (folder === undefined || !INSTALLS.test(text) || GLOBAL.test(text)) continue
    const names = await dependenciesOf(folder)
    const absent: string[] = []
    for (const name of names) if (!(await isInstalled(name, folder))) absent.push(name)
    if (absent.length > 0) return { run, folder, names: absent }
  }
  return undefined
}

async function dependenciesOf(folder: string): Promise<readonly string[]> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    const dependencies: unknown = Object(manifest).dependencies
    // With Plug'n'Play there is no node_modules at all.
    return (await isThere(join(folder, '.pnp.cjs'))) ? [] : Object.keys(Object(dependencies))
  } catch {
    return []
  }
}

async function isInstalled(name: string, folder: string): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    if (await isThere(join(at, 'node_modules', name))) return true
    if (dirname(at) === at) return false
  }
}

/** Whether there is a file or folder at the path. */
export const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
