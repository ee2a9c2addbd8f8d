import { stat } from 'node:fs/promises'
import { basename, dirname, relative, resolve, sep } from 'node:path'
import { glob } from 'tinyglobby'
import { manifestPath } from '../../core/manifest/manifest-path.js'
import type { Diagnostic } from '../../core/problem.js'
import type { ManifestSpec } from '../../core/project.js'

/** What one entry of `manifests` stands for on disk. */
export interface ManifestFiles {
  /** Absolute, in path order. */
  readonly files: readonly string[]
  readonly folders: readonly string[]
  readonly skipped: readonly { readonly file: string; readonly reason: string }[]
  readonly diagnostics: readonly Diagnostic[]
}

const EXTENSION = /\.(?:ya?ml|json)$/i
const KUSTOMIZATIONS = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization'])
const CHART = 'Chart.yaml'
const NONE: ManifestFiles = { files: [], folders: [], skipped: [], diagnostics: [] }

/** Finds the files of one entry: a file, a folder with all below it, or a glob. */
export async function manifestFiles(spec: ManifestSpec, root: string): Promise<ManifestFiles> {
  const whole = resolve(root, spec.path)
  // A folder may have brackets in its name; only what does not exist as it is written is a glob.
  const asWritten = await kindOf(whole)
  if (asWritten === 'file') return { ...NONE, files: [whole] }
  const { base, glob: pattern } =
    asWritten === 'folder' ? { base: whole, glob: undefined } : manifestPath(whole.split(sep).join('/'))
  const shown = relative(root, whole) || '.'
  if (asWritten === 'missing' && (pattern === undefined || (await kindOf(base)) !== 'folder'))
    return { ...NONE, diagnostics: [{ severity: 'error', message: `manifests: ${shown} does not exist` }] }

  const found = await glob([pattern ?? '**/*'], {
    cwd: base,
    ignore: ['**/node_modules/**', '**/.git/**', ...spec.exclude],
    onlyFiles: false,
    absolute: true,
  })
  const folders = [base, ...found.filter(path => path.endsWith('/')).map(path => path.slice(0, -1))]
  const candidates = found.filter(path => !path.endsWith('/')).toSorted(compare)
  const sorted = claim(candidates, { ownFolder: pattern === undefined, root })
  const diagnostics = [...sorted.diagnostics]
  if (candidates.length === 0)
    diagnostics.push({ severity: 'warning', message: `manifests: no file matches ${shown}` })
  return {
    files: sorted.files,
    folders: [...new Set(folders)].toSorted(compare),
    skipped: sorted.skipped,
    diagnostics,
  }
}

/**
 * Leaves out what is no manifest by its name. A chart claims the folder it is in, for its templates are no YAML; so does a kustomization where the
 * config names a folder, for its patches are parts of objects. A glob names the files beside a kustomization itself.
 */
function claim(
  candidates: readonly string[],
  options: { readonly ownFolder: boolean; readonly root: string },
): Omit<ManifestFiles, 'folders'> {
  const claims = new Map<string, string>()
  for (const file of candidates) {
    const name = basename(file)
    if (name === CHART || (options.ownFolder && KUSTOMIZATIONS.has(name))) claims.set(dirname(file), file)
  }
  const files: string[] = []
  const skipped: { file: string; reason: string }[] = []
  const left = new Map<string, number>()
  const markers: string[] = []
  for (const file of candidates) {
    const name = basename(file)
    const isMarker = name === CHART || KUSTOMIZATIONS.has(name)
    const owner = claimOf(file, claims)
    if (isMarker) {
      markers.push(file)
      skipped.push({ file, reason: `this version does not run ${toolOf(file)}` })
    } else if (owner !== undefined) {
      skipped.push({ file, reason: `belongs to ${relative(options.root, owner)}` })
      left.set(owner, (left.get(owner) ?? 0) + 1)
    } else if (EXTENSION.test(name)) files.push(file)
    else skipped.push({ file, reason: 'is not .yaml, .yml or .json' })
  }
  const diagnostics = markers.map((file): Diagnostic => {
    const count = left.get(file) ?? 0
    const others = count === 0 ? '' : `, and neither are the ${count} files below it`
    return {
      severity: 'warning',
      message: `${relative(options.root, file)} is not applied${others}: this version does not run ${toolOf(file)}`,
      suggestion: `name what ${toolOf(file)} renders as a file, or plain manifests by a glob, under manifests`,
    }
  })
  return { files, skipped, diagnostics }
}

function claimOf(file: string, claims: ReadonlyMap<string, string>): string | undefined {
  if (claims.size === 0) return undefined
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const owner = claims.get(folder)
    if (owner !== undefined || folder === dirname(folder)) return owner
  }
}

function toolOf(file: string): string {
  return basename(file) === CHART ? 'helm' : 'kustomize'
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'missing'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file'
  } catch {
    return 'missing'
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
