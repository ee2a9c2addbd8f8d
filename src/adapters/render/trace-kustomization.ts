import { stat } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import type { Kustomization, KustomizationPath } from '../../core/manifest/kustomization.js'
import { kustomizationNames } from '../../core/manifest/kustomization-names.js'
import type { Diagnostic } from '../../core/problem.js'
import { readAll } from './read-inputs.js'

/** All that a kustomization reads, with all that the kustomizations below it do. Paths are absolute. */
export interface KustomizationTrace {
  /** The file of the kustomization itself; where there is none, the one that people would write. */
  readonly file: string
  readonly isComponent: boolean
  /** Folders of the kustomizations that it refers to, its own not among them. */
  readonly folders: readonly string[]
  /** Every file, kustomizations among them, that is read or looked for. Sorted. */
  readonly files: readonly string[]
  /** The files that hold objects, and then those that hold patches. */
  readonly objectFiles: readonly string[]
  readonly kustomizations: readonly { readonly file: string; readonly content: Kustomization }[]
  readonly contents: ReadonlyMap<string, Buffer>
  /** What Kustomize will refuse, at the line that it is about. */
  readonly faults: readonly Diagnostic[]
}

const REMOTE = /^[a-z][a-z0-9+.-]*:\/\/|^git@|^[\w.-]+\.[a-z]{2,}[/:]|[?&](ref|version)=|\/\/|^git::/i

/** Follows the references of a kustomization as far as they are files of this machine. Never fails: what is missing is a fault. */
export async function traceKustomization(folder: string): Promise<KustomizationTrace> {
  const walk = new Walk()
  await walk.enter(folder)
  const own = walk.kustomizations[0]
  const files = [...walk.files].sort()
  const objectFiles = [...walk.resources, ...[...walk.patches].filter(file => !walk.resources.has(file))]
  const missing = files.filter(file => !walk.contents.has(file))
  const contents = new Map([...walk.contents, ...(await readAll(missing))])
  return {
    file: own?.file ?? join(folder, kustomizationNames[0] ?? ''),
    isComponent: own?.content.isComponent ?? false,
    folders: [...walk.folders].filter(other => other !== folder),
    files,
    objectFiles,
    kustomizations: walk.kustomizations,
    contents,
    faults: walk.faults,
  }
}

class Walk {
  readonly folders = new Set<string>()
  readonly files = new Set<string>()
  readonly resources = new Set<string>()
  readonly patches = new Set<string>()
  readonly kustomizations: { readonly file: string; readonly content: Kustomization }[] = []
  readonly contents = new Map<string, Buffer>()
  readonly faults: Diagnostic[] = []

  /** Whether there is a kustomization in the folder. */
  async enter(folder: string): Promise<boolean> {
    if (this.folders.has(folder)) return true
    this.folders.add(folder)
    const names = kustomizationNames.map(name => join(folder, name))
    const found = await readAll(names)
    const [entry] = found
    if (entry === undefined) {
      for (const name of names) this.files.add(name)
      return false
    }
    const [file, bytes] = entry
    this.files.add(file)
    this.contents.set(file, bytes)
    // The YAML parser is heavy, and most projects have no kustomization.
    const { readKustomization } = await import('../../core/manifest/kustomization.js')
    const content = readKustomization({ file, text: bytes.toString('utf8') })
    this.kustomizations.push({ file, content })
    for (const path of content.paths) await this.#follow(path, folder)
    return true
  }

  async #follow(reference: KustomizationPath, folder: string): Promise<void> {
    const { path, role } = reference
    const target = resolve(folder, path)
    const kind = await kindOf(target)
    if (kind === undefined) {
      if (REMOTE.test(path)) return
      this.files.add(target)
      this.#fault(reference, `there is no ${path}, which this kustomization names`)
    } else if (kind === 'folder') {
      if (role === 'data' || role === 'patch')
        this.#fault(reference, `${path} is a folder, where a file is meant`)
      else if (!(await this.enter(target)))
        this.#fault(reference, `there is no kustomization.yaml in the folder ${path}`)
    } else {
      this.files.add(target)
      if (role === 'component')
        this.#fault(reference, `${path} is a file, where the folder of a component is meant`)
      if (role === 'resource' || role === 'config') this.resources.add(target)
      if (role === 'patch') this.patches.add(target)
      if (!target.startsWith(`${folder}${sep}`))
        this.#fault(
          reference,
          `${path} is not below this folder, and a kustomization may name no file outside of its own folder`,
          role === 'resource'
            ? 'put a kustomization.yaml beside the file and name its folder here instead'
            : 'move the file into the folder of the kustomization, or into a base or component of its own',
        )
    }
  }

  #fault({ range, frame }: KustomizationPath, message: string, suggestion?: string): void {
    this.faults.push({
      severity: 'error',
      message,
      range,
      frame,
      ...(suggestion === undefined ? {} : { suggestion }),
    })
  }
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file'
  } catch {
    return undefined
  }
}
