import { normalise } from './normalise.js'
import { overlayProfile } from './overlay-profile.js'
import { patchDocument } from './patch-document.js'
import { fieldsOf, fileOf, itemsOf, nodeAt, type SourceMap, type SourceNode, textOf } from './source-node.js'
import { absolutePath, type FileFact, type Translation } from './translation.js'

/** Where the documents of a file come from. */
export interface ModuleSource {
  readonly fileAt: (path: string) => FileFact
  /** The documents of a file that is there. */
  readonly documentsOf: (file: string, text: string) => readonly SourceMap[]
  readonly report: Translation['report']
  readonly dependsOn: Translation['dependsOn']
}

/**
 * The modules that run, each after those that it requires, with the sections of their active profiles laid over them. `profiles` are active in every
 * module that has them, as with `--profile`; a module also brings those that its `requires` names.
 */
export function modulesOf(
  root: { readonly file: string; readonly documents: readonly SourceMap[] },
  profiles: readonly string[],
  source: ModuleSource,
): readonly SourceMap[] {
  const found: SourceMap[] = []
  const seen = new Set<SourceMap>()
  const visit = (
    documents: readonly SourceMap[],
    { names, active }: { readonly names: readonly string[]; readonly active: readonly string[] },
  ): void => {
    for (const document of documents) {
      const name = textOf(nodeAt(document, 'metadata', 'name'))
      if (names.length > 0 && (name === undefined || !names.includes(name))) continue
      if (seen.has(document)) continue
      seen.add(document)
      const module = normalise(document)
      const own = [...new Set(active)].flatMap(profile => profileOf(module, profile) ?? [])
      const applied = own.reduce((current, profile) => applyProfile(current, profile, source), module)
      for (const requirement of itemsOf(nodeAt(applied, 'requires'))) {
        const next = requiredDocuments(requirement, documents, source)
        if (next === undefined) continue
        visit(next, {
          names: itemsOf(nodeAt(requirement, 'configs')).flatMap(item => textOf(item) ?? []),
          active: [...activeIn(requirement, own), ...profiles],
        })
      }
      found.push(applied)
    }
  }
  visit(root.documents, { names: [], active: profiles })
  return found
}

function profileOf(module: SourceMap, name: string): SourceMap | undefined {
  const found = itemsOf(nodeAt(module, 'profiles')).find(profile => textOf(nodeAt(profile, 'name')) === name)
  return found?.kind === 'map' ? found : undefined
}

function applyProfile(module: SourceMap, profile: SourceMap, { report }: ModuleSource): SourceMap {
  const { document, failed } = patchDocument(
    overlayProfile(module, profile),
    itemsOf(nodeAt(profile, 'patches')),
  )
  for (const { patch, why } of failed) report(patch, 'not', why)
  return document
}

/** Profiles of what is required: always, or with one of the profiles that are active here. */
function activeIn(requirement: SourceNode, active: readonly SourceMap[]): readonly string[] {
  const names = active.map(profile => textOf(nodeAt(profile, 'name')))
  return itemsOf(nodeAt(requirement, 'activeProfiles')).flatMap(entry => {
    const by = itemsOf(nodeAt(entry, 'activatedBy')).map(textOf)
    const name = textOf(nodeAt(entry, 'name'))
    return name !== undefined && (by.length === 0 || by.some(one => names.includes(one))) ? [name] : []
  })
}

function requiredDocuments(
  requirement: SourceNode,
  same: readonly SourceMap[],
  { fileAt, documentsOf, report, dependsOn }: ModuleSource,
): readonly SourceMap[] | undefined {
  const node = nodeAt(requirement, 'path')
  const path = textOf(node)
  // Those that are fetched are told of by the table of fields.
  if (node === undefined || path === undefined)
    return fieldsOf(requirement).some(([key]) => /^(git|google)/.test(key)) ? undefined : same
  const given = absolutePath(requirement, path)
  const at = fileAt(given)
  // What is not there may come to be either, and then has the name that it would be looked for by.
  const isFolder = at === undefined ? !/\.ya?ml$/.test(given) : at.kind === 'folder'
  const file = isFolder ? `${given}/skaffold.yaml` : given
  if (file === fileOf(requirement)) return same
  dependsOn(file)
  const fact = at?.kind === 'folder' ? fileAt(file) : at
  if (fact?.kind === 'file') return documentsOf(file, fact.text)
  report(node, 'not', `there is no file ${path}`)
  return undefined
}
