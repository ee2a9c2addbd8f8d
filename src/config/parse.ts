import { dirname } from 'node:path'
import type { Diagnostic } from '../core/problem.js'
import type { Project } from '../core/project.js'
import { err, ok, type Result } from '../core/result.js'
import { checkProject } from './check-project.js'
import { checkClashes, checkCycles } from './check-services.js'
import { locateFindings } from './diagnostics.js'
import { type ConfigDocument, readConfigDocument } from './document.js'
import { type Finding, finding } from './finding.js'
import { explainIssues } from './issues.js'
import { checkBuildArgs } from './resolve-build-args.js'
import { resolveProject } from './resolve-project.js'
import { type Environment, resolveVariables } from './resolve-variables.js'
import { salvage } from './salvage.js'
import { configSchema } from './schema.js'
import type { SkaffoldFinding } from './skaffold/translation.js'

export interface ParseOptions {
  /** The config file's text. */
  readonly text: string
  /** Absolute path of the config file. */
  readonly file: string
  /** The file as a config, where it is written in another format. */
  readonly document?: ConfigDocument
  readonly env: Environment
  /** The user's home folder, for `~`. */
  readonly home: string
  /** CPUs of this machine, for the default of `build.concurrency`. */
  readonly cpus: number
  /** Manifests of a config that names none. */
  readonly defaultManifests: readonly string[]
  /** linux, darwin or windows: hooks of other systems are left out. Undefined keeps all. */
  readonly system?: string
}

export interface LoadedConfig {
  readonly project: Project
  readonly warnings: readonly Diagnostic[]
  /** Of a `skaffold.yaml`: what of it devloop could not translate. Absent for a config of devloop's own. */
  readonly untranslated?: readonly SkaffoldFinding[]
  /** The file's text without its byte order mark. */
  readonly text: string
}

/** A config that was read, valid or not. `project` is what can be said in spite of the findings, for further checks. */
export interface ConfigDraft {
  readonly text: string
  readonly document: ConfigDocument
  readonly findings: readonly Finding[]
  readonly project: Project | undefined
  /** Services for which `project` may have a default in place of something that was wrong. */
  readonly damaged: ReadonlySet<string>
}

/** Reads and checks a config without looking at any other file. Every error is in one `config-invalid`. */
export function parseConfig(options: ParseOptions): Result<LoadedConfig> {
  return finishConfig(draftConfig(options), options.file)
}

/** The first part of `parseConfig`: everything but the verdict. */
export function draftConfig(options: ParseOptions): ConfigDraft {
  const text = options.text.replace(/^\uFEFF/, '')
  const document = options.document ?? readConfigDocument(text, options.file)
  const nothing = { text, document, project: undefined, damaged: new Set<string>() }
  if (document.value === undefined || document.value === null)
    return { ...nothing, findings: document.findings.length > 0 ? [] : [emptyFile] }
  const parsed = configSchema.safeParse(document.value)
  const structural = parsed.success ? [] : explainIssues(parsed.error.issues, document)
  // Above the line where the YAML broke, the tree is what was written; behind it, nothing more can be said.
  if (document.brokenFrom < Number.POSITIVE_INFINITY)
    return {
      ...nothing,
      findings: structural.filter(found => endLine(found, document) < document.brokenFrom),
    }
  if (typeof document.value !== 'object' || Array.isArray(document.value))
    return { ...nothing, findings: structural }
  const { input, damaged } = parsed.success
    ? { input: parsed.data, damaged: new Set<string>() }
    : salvage(document.value, structural)
  const variables = resolveVariables(input.variables, document, options.env)
  const project = resolveProject(input, {
    ...options,
    document,
    root: dirname(options.file),
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
  return { text, document, findings, project, damaged }
}

/** The second part: the project, or all that is wrong. */
export function finishConfig(draft: ConfigDraft, file: string): Result<LoadedConfig> {
  const diagnostics = locateFindings(draft.findings, draft.document, draft.text)
  if (draft.project === undefined || diagnostics.some(diagnostic => diagnostic.severity === 'error'))
    return err({ kind: 'config-invalid', file, diagnostics })
  return ok({ project: draft.project, warnings: diagnostics, text: draft.text })
}

const emptyFile: Finding = finding([], 'the config is empty', {
  suggestion: 'name a service, as in "services: { web: {} }", which builds ./web/Dockerfile',
})

const endLine = (found: Finding, document: ConfigDocument): number =>
  document.locate(found.path, found.on).endLine
