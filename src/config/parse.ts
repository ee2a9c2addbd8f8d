import { dirname } from 'node:path'
import type { Diagnostic, Problem } from '../core/problem.js'
import type { Project } from '../core/project.js'
import { err, ok, type Result } from '../core/result.js'
import { checkProject } from './check-project.js'
import { checkClashes, checkCycles } from './check-services.js'
import { checkStructure, composeConfig } from './compose-config.js'
import type { ConfigFile } from './config-tree.js'
import type { ProfileFacts, ProfileState } from './decide-profiles.js'
import { locateFindings } from './diagnostics.js'
import { type ConfigDocument, readConfigDocument } from './document.js'
import type { FileFinding } from './file-findings.js'
import { type Finding, finding } from './finding.js'
import { explainIssues } from './issues.js'
import { checkBuildArgs } from './resolve-build-args.js'
import { resolveProject } from './resolve-project.js'
import { type Environment, resolveVariables } from './resolve-variables.js'
import { salvage } from './salvage.js'
import { configSchema } from './schema.js'
import type { SkaffoldFinding } from './skaffold/translation.js'
import { suggestName } from './suggest.js'

export interface ParseOptions extends MachineFacts {
  /** The config file's text. */
  readonly text: string
  /** Absolute path of the config file. */
  readonly file: string
  /** Manifests of a config that names none. */
  readonly defaultManifests: readonly string[]
  /** Files that it includes. */
  readonly included?: readonly { readonly file: string; readonly text: string }[]
  readonly profiles?: Omit<ProfileFacts, 'env'>
}

interface MachineFacts {
  readonly env: Environment
  /** The user's home folder, for `~`. */
  readonly home: string
  /** CPUs of this machine, for the default of `build.concurrency`. */
  readonly cpus: number
  /** linux, darwin or windows: hooks of other systems are left out. Undefined keeps all. */
  readonly system?: string
}

export interface DraftOptions extends MachineFacts {
  readonly root: ConfigFile
  readonly included: readonly ConfigFile[]
  readonly include?: Project['include']
  readonly profiles: Omit<ProfileFacts, 'env'>
  /** Commands of devloop, for activations; empty: any goes. */
  readonly commands: readonly string[]
}

export interface LoadedConfig {
  readonly project: Project
  readonly warnings: readonly Diagnostic[]
  /** Of a `skaffold.yaml`: what of it devloop could not translate. Absent for a config of devloop's own. */
  readonly untranslated?: readonly SkaffoldFinding[]
  /** The profiles of the config, those that are active first. */
  readonly profiles: readonly ProfileState[]
  /** The config that counts: all files and active profiles in one, before defaults. */
  readonly effective: unknown
}

/** A config that was read, valid or not. `project` is what can be said in spite of the findings, for further checks. */
export interface ConfigDraft {
  readonly files: readonly ConfigFile[]
  readonly document: ConfigDocument
  /** At paths of `document`. */
  readonly findings: readonly Finding[]
  /** At paths of a file. */
  readonly fileFindings: readonly FileFinding[]
  /** Further places where files of the config may come to be. */
  readonly awaited?: readonly string[]
  readonly project: Project | undefined
  /** Services for which `project` may have a default in place of something that was wrong. */
  readonly damaged: ReadonlySet<string>
  readonly profiles: readonly ProfileState[]
  /** Names of profiles that were asked for and that the config does not have. */
  readonly unknownProfiles: readonly string[]
}

/** Reads and checks a config without looking at any other file. Every error is in one `config-invalid`. */
export function parseConfig(options: ParseOptions): Result<LoadedConfig> {
  const { text, file, defaultManifests, included = [] } = options
  return finishConfig(
    draftConfig({
      ...options,
      root: readConfigFile({ text, file, defaultManifests }),
      included: included.map(one => readConfigFile({ ...one, defaultManifests: [] })),
      profiles: options.profiles ?? { requested: [], command: undefined, context: undefined },
      commands: [],
    }),
  )
}

export function readConfigFile({
  text,
  file,
  defaultManifests,
}: Pick<ParseOptions, 'text' | 'file' | 'defaultManifests'>): ConfigFile {
  const plain = text.replace(/^\uFEFF/, '')
  return { file, text: plain, document: readConfigDocument(plain, file), defaultManifests }
}

/** The first part of `parseConfig`: everything but the verdict. */
export function draftConfig(options: DraftOptions): ConfigDraft {
  const { root, included } = options
  const files = [root, ...included]
  const facts: ProfileFacts = { ...options.profiles, env: options.env }
  const nothing = {
    files,
    document: { ...root.document, findings: files.flatMap(({ document }) => document.findings) },
    findings: [],
    project: undefined,
    damaged: new Set<string>(),
    profiles: [],
    unknownProfiles: [],
  }
  if (files.some(isBroken)) return { ...nothing, fileFindings: files.flatMap(checkBroken) }
  const composed = composeConfig({ root, included, facts, commands: options.commands })
  const { document } = composed
  const parsed = configSchema.safeParse(document.value)
  const structural = parsed.success ? [] : explainIssues(parsed.error.issues, document)
  if (typeof document.value !== 'object' || Array.isArray(document.value))
    return { ...nothing, fileFindings: composed.findings }
  const { input, damaged } = parsed.success
    ? { input: parsed.data, damaged: new Set<string>() }
    : salvage(document.value, structural)
  const variables = resolveVariables(input.variables, document, options.env)
  const project = resolveProject(input, {
    ...options,
    file: root.file,
    document,
    root: dirname(root.file),
    variables: variables.values,
  })
  const findings = [
    ...structural,
    ...(structural.some(found => found.path[0] === 'cluster')
      ? checkProject({ ...input, cluster: undefined })
      : checkProject(input)),
    ...variables.findings,
    ...checkBuildArgs(input.services, options.env),
    ...checkCycles(project.services),
    ...checkClashes(project.services.filter(service => !damaged.has(service.name))),
  ]
  return {
    files,
    document,
    findings,
    fileFindings: composed.findings,
    project,
    damaged,
    profiles: composed.profiles,
    unknownProfiles: composed.unknown,
  }
}

/** The second part: the project, or all that is wrong. */
export function finishConfig(draft: ConfigDraft): Result<LoadedConfig> {
  const [root] = draft.files
  const file = root?.file ?? ''
  const diagnostics = locateFindings(draft)
  if (draft.project === undefined || diagnostics.some(diagnostic => diagnostic.severity === 'error'))
    return err({ kind: 'config-invalid', file, diagnostics, ...othersOf(draft) })
  const [unknown] = draft.unknownProfiles
  if (unknown !== undefined) return err(unknownProfile(unknown, draft))
  return ok({
    project: draft.project,
    warnings: diagnostics,
    profiles: draft.profiles,
    effective: draft.document.value,
  })
}

function othersOf({ files, awaited = [] }: ConfigDraft): { readonly others?: readonly string[] } {
  const others = [...files.slice(1).map(({ file }) => file), ...awaited]
  return others.length === 0 ? {} : { others }
}

function unknownProfile(name: string, { profiles }: ConfigDraft): Problem {
  const names = profiles.map(profile => profile.name)
  const hint = suggestName(name, names, 'the profiles are')
  return {
    kind: 'usage-invalid',
    message: `the config has no profile ${name}`,
    hint: hint ?? 'It has no profiles at all.',
  }
}

const isBroken = ({ document }: ConfigFile): boolean =>
  document.value === undefined || document.value === null || document.brokenFrom < Number.POSITIVE_INFINITY

/** Above the line where the YAML broke, the tree is what was written; behind it, nothing more can be said. */
function checkBroken(source: ConfigFile): readonly FileFinding[] {
  const { document } = source
  if (document.value === undefined || document.value === null)
    return document.findings.length > 0 ? [] : [{ source, finding: emptyFile }]
  return checkStructure(source)
    .filter(found => document.locate(found.path, found.on).endLine < document.brokenFrom)
    .map(found => ({ source, finding: found }))
}

const emptyFile: Finding = finding([], 'the config is empty', {
  suggestion: 'name a service, as in "services: { web: {} }", which builds ./web/Dockerfile',
})
