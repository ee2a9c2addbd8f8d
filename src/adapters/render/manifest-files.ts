import { stat } from 'node:fs/promises'
import { basename, dirname, relative, resolve, sep } from 'node:path'
import { glob } from 'tinyglobby'
import { kustomizationNames } from '../../core/manifest/kustomization-names.js'
import { manifestPath } from '../../core/manifest/manifest-path.js'
import type { Diagnostic } from '../../core/problem.js'
import type { RawManifests } from '../../core/project.js'

/** What a `path` under `manifests` stands for on disk, by names alone. Absolute paths, in path order. */
export interface ManifestFiles {
  /** A `file` is named itself, a `folder` with all below it, a `glob` names each file that it matches. */
  readonly form: 'file' | 'folder' | 'glob'
  /** Every file that is not excluded. */
  readonly files: readonly string[]
  readonly folders: readonly string[]
  /** Folders with a kustomization, and with a chart. */
  readonly kustomizations: readonly string[]
  readonly charts: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
}

const CHART = 'Chart.yaml'

/** Finds the files of one entry: a file, a folder with all below it, or a glob. */
export async function manifestFiles(spec: RawManifests, root: string): Promise<ManifestFiles> {
  const whole = resolve(root, spec.path)
  // A folder may have brackets in its name; only what does not exist as it is written is a glob.
  const asWritten = await kindOf(whole)
  const found = { form: 'file' as const, folders: [], kustomizations: [], charts: [], diagnostics: [] }
  if (asWritten === 'file') return { ...found, files: [whole], ...markersOf([whole]) }
  const { base, glob: pattern } =
    asWritten === 'folder' ? { base: whole, glob: undefined } : manifestPath(whole.split(sep).join('/'))
  const shown = relative(root, whole) || '.'
  if (asWritten === 'missing' && (pattern === undefined || (await kindOf(base)) !== 'folder')) {
    const message = `manifests: ${shown} does not exist`
    return { ...found, files: [], folders: [base], diagnostics: [{ severity: 'error', message }] }
  }
  const matched = await glob([pattern ?? '**/*'], {
    cwd: base,
    ignore: ['**/node_modules/**', '**/.git/**', ...spec.exclude],
    onlyFiles: false,
    absolute: true,
  })
  const folders = [base, ...matched.filter(path => path.endsWith('/')).map(path => path.slice(0, -1))]
  const files = matched.filter(path => !path.endsWith('/')).toSorted(compare)
  return {
    form: pattern === undefined ? 'folder' : 'glob',
    files,
    folders: [...new Set(folders)].toSorted(compare),
    ...markersOf(files),
    diagnostics:
      files.length === 0 ? [{ severity: 'warning', message: `manifests: no file matches ${shown}` }] : [],
  }
}

/** Whether a file is no manifest but says how others are rendered. */
export const isMarker = (file: string): boolean => isKustomization(file) || basename(file) === CHART

const isKustomization = (file: string): boolean => kustomizationNames.includes(basename(file))

function markersOf(files: readonly string[]): Pick<ManifestFiles, 'kustomizations' | 'charts'> {
  return {
    kustomizations: [...new Set(files.filter(isKustomization).map(file => dirname(file)))],
    charts: files.filter(file => basename(file) === CHART).map(file => dirname(file)),
  }
}

/** The first of the folders, from the top, that the path is in or is. */
export function claimOf(path: string, folders: ReadonlySet<string>): string | undefined {
  if (folders.size === 0) return undefined
  let claim: string | undefined
  for (let folder = path; ; folder = dirname(folder)) {
    if (folders.has(folder)) claim = folder
    if (folder === dirname(folder)) return claim
  }
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'missing'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file'
  } catch {
    return 'missing'
  }
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
