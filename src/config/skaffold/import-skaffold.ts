import { dirname, join } from 'node:path'
import { parseEnv } from 'node:util'
import type { SyntaxFinding } from '../document.js'
import type { Environment } from '../resolve-variables.js'
import { type ConfigMap, mapping } from './config-node.js'
import { modulesOf } from './modules.js'
import { readDocuments, type SkaffoldText } from './read-documents.js'
import { nodeAt, type SourceNode, textOf } from './source-node.js'
import { tellFields } from './tell-fields.js'
import { translateModules } from './translate-modules.js'
import { profilesOf, translateProfile } from './translate-profiles.js'
import type { FileFact, SkaffoldFinding, Translation } from './translation.js'

export interface ImportOptions {
  /** Absolute path of the `skaffold.yaml`. */
  readonly file: string
  readonly text: string
  readonly env: Environment
  /** See `Translation.live`. */
  readonly live: boolean
  /** What is at an absolute path. The answer to a first question may be nothing, if the translation is made anew once more is known. */
  readonly fileAt: (path: string) => FileFact
}

/** A `skaffold.yaml`, and those that it requires, as one config. */
export interface ImportedSkaffold {
  readonly config: ConfigMap
  /** In the order of the files and their lines. */
  readonly findings: readonly SkaffoldFinding[]
  readonly syntax: readonly SyntaxFinding[]
  /** Every `skaffold.yaml` that was read, the first of all first. */
  readonly texts: readonly SkaffoldText[]
  /** The environment with what a `skaffold.env` beside the file adds to it. */
  readonly env: Environment
  /** Further files by which the config would be another, also such that are not there. Absolute paths. */
  readonly dependsOn: readonly string[]
}

/** Translates what devloop has a counterpart of, and tells of the rest. Asks for files by `fileAt` alone. */
export function importSkaffold({ file, text, env: own, live, fileAt }: ImportOptions): ImportedSkaffold {
  const read = new Map<string, SkaffoldText>()
  const textsOf = (path: string, content: string): SkaffoldText => {
    const known = read.get(path)
    if (known !== undefined) return known
    const made = readDocuments(content, path)
    read.set(path, made)
    return made
  }
  const findings = new Map<string, SkaffoldFinding>()
  const tell = (node: SourceNode, verdict: SkaffoldFinding['verdict'], why: string, lost = true): void => {
    const { path, range } = node
    // The base and each profile are translated, and say the same of what they share.
    findings.set(`${range.file}:${range.line}:${range.column}:${why}`, { path, range, verdict, why, lost })
  }
  const report: Translation['report'] = (node, verdict, why) => tell(node, verdict, why)
  const needed = new Set<string>()
  const dependsOn = (path: string): void => {
    needed.add(path)
  }
  const root = textsOf(file, text)
  const source = {
    fileAt,
    report,
    dependsOn,
    documentsOf: (path: string, content: string) => textsOf(path, content).documents,
  }
  const envFile = join(dirname(file), 'skaffold.env')
  dependsOn(envFile)
  const defaults = variablesOf(fileAt(envFile))
  // As with Skaffold, a variable that is set already stays as it is.
  const env = { ...defaults, ...own }
  const translation: Translation = { root: dirname(file), env, defaults, live, fileAt, report, dependsOn }
  const modules = modulesOf(root, [], source)
  const base = translateModules(modules, translation)
  const profiles = [...profilesOf(modules, translation)].map(
    ([name, profile]) =>
      [
        name,
        translateProfile(
          profile,
          { base, active: translateModules(modulesOf(root, [name], source), translation) },
          translation,
        ),
      ] as const,
  )
  for (const { documents } of read.values())
    for (const document of documents) {
      tellVersion(document, tell)
      for (const { node, verdict, why, lost } of tellFields(document)) tell(node, verdict, why, lost)
    }
  const texts = [...read.values()]
  const order = (found: SkaffoldFinding): number => texts.findIndex(one => one.file === found.range.file)
  return {
    config: mapping({
      ...Object.fromEntries(base.fields),
      profiles: profiles.length === 0 ? undefined : mapping(Object.fromEntries(profiles)),
    }),
    findings: [...findings.values()].toSorted(
      (a, b) => order(a) - order(b) || a.range.line - b.range.line || a.range.column - b.range.column,
    ),
    syntax: texts.flatMap(one => one.findings),
    texts,
    env,
    dependsOn: [...needed].filter(path => path !== file),
  }
}

const variablesOf = (fact: FileFact): Environment => (fact?.kind === 'file' ? parseEnv(fact.text) : {})

/** Versions from v2beta1 on are known; what is before is close enough to try, and what comes after too. */
function tellVersion(
  document: SourceNode,
  tell: (node: SourceNode, verdict: SkaffoldFinding['verdict'], why: string) => void,
): void {
  const node = nodeAt(document, 'apiVersion')
  const version = textOf(node) ?? ''
  if (node === undefined || /^skaffold\/(v2beta\d+|v3(alpha\d+)?|v4beta\d+|v4)$/.test(version)) return
  tell(
    node,
    'partly',
    'devloop knows v2beta1 to v4beta14, and reads this as the nearest of them; `skaffold fix` brings an old file up to date',
  )
}
