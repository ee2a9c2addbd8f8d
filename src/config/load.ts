import { readFile } from 'node:fs/promises'
import { availableParallelism, homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Problem } from '../core/problem.js'
import { err, ok, type Result } from '../core/result.js'
import { checkFiles } from './check-files.js'
import { profilesOf } from './check-profiles.js'
import type { ConfigFile } from './config-tree.js'
import { kindOf } from './files.js'
import { configFault, findConfig } from './find-config.js'
import { findIncluded } from './find-included.js'
import type { Invocation } from './invocation.js'
import { draftConfig, finishConfig, type LoadedConfig, readConfigFile } from './parse.js'
import type { Environment } from './resolve-variables.js'
import { isSkaffoldText } from './skaffold/is-skaffold-text.js'
import { loadSkaffold, skaffoldDocument } from './skaffold/load-skaffold.js'
import type { SkaffoldFinding } from './skaffold/translation.js'

const DEFAULT_MANIFESTS = 'k8s'

export interface LoadOptions {
  /** The config file, or the folder that has it; relative to `cwd`. Without it, `cwd` and the folders above are searched. */
  readonly file?: string
  readonly cwd: string
  readonly env: Environment
  /** How the command was called. */
  readonly invocation?: Invocation
  /** The kubeconfig's current context; asked for only where a profile depends on it. */
  readonly currentContext?: () => Promise<string | undefined>
}

/** Finds, reads and checks the config. Everything wrong with it is in one `config-invalid`. */
export async function loadConfig(options: LoadOptions): Promise<Result<LoadedConfig>> {
  const path = await findConfig(options.file, options.cwd)
  if (!path.ok) return path
  const read = await readFileOf(path.value)
  if (!read.ok) return read
  const skaffold = isSkaffoldText(read.value.text)
    ? await loadSkaffold({ file: path.value, text: read.value.text, env: options.env, live: true })
    : undefined
  const root: ConfigFile =
    skaffold === undefined
      ? read.value
      : { ...read.value, document: skaffoldDocument(skaffold), defaultManifests: [] }
  const listed = await findIncluded(root)
  const included: ConfigFile[] = []
  for (const file of listed.files) {
    const part = await readFileOf(file)
    if (!part.ok) return part
    included.push(part.value)
  }
  const dependsOn = skaffold?.dependsOn ?? []
  const files = [...listed.files, ...dependsOn]
  const { profiles = [], command, commands = [] } = options.invocation ?? {}
  const context = [root, ...included].some(dependsOnContext) ? await options.currentContext?.() : undefined
  const draft = draftConfig({
    root: root,
    included,
    env: skaffold?.env ?? options.env,
    home: homedir(),
    cpus: availableParallelism(),
    system: process.platform === 'win32' ? 'windows' : process.platform,
    profiles: { requested: profiles, command, context },
    commands,
    ...(files.length === 0 && listed.patterns.length === 0
      ? {}
      : { include: { files, patterns: listed.patterns } }),
  })
  const missing = draft.project === undefined ? [] : await checkFiles(draft.project, draft.damaged)
  const finished = finishConfig({
    ...draft,
    awaited: [...listed.missing, ...dependsOn],
    findings: [...draft.findings, ...missing],
    fileFindings: [
      ...draft.fileFindings,
      ...listed.findings.map(found => ({ source: root, finding: found })),
    ],
  })
  if (skaffold === undefined) return finished
  return finished.ok
    ? ok({ ...finished.value, untranslated: skaffold.findings })
    : err(withReasons(finished.error, skaffold.findings))
}

/** What is wrong with a value that was translated is often what the translation said of its line: a variable that is not set. */
function withReasons(problem: Problem, findings: readonly SkaffoldFinding[]): Problem {
  if (problem.kind !== 'config-invalid') return problem
  const diagnostics = problem.diagnostics.map(diagnostic => {
    const { range, suggestion } = diagnostic
    const found = findings.find(one => one.range.file === range?.file && one.range.line === range.line)
    return suggestion !== undefined || found === undefined
      ? diagnostic
      : { ...diagnostic, suggestion: found.why }
  })
  return { ...problem, diagnostics }
}

const dependsOnContext = (file: ConfigFile): boolean =>
  [...profilesOf(file).values()].some(entries => entries.some(entry => entry.context !== undefined))

async function readFileOf(file: string): Promise<Result<ConfigFile>> {
  const text = await readText(file)
  if (!text.ok) return text
  const hasManifests = (await kindOf(join(dirname(file), DEFAULT_MANIFESTS))) === 'folder'
  return ok(
    readConfigFile({ text: text.value, file, defaultManifests: hasManifests ? [DEFAULT_MANIFESTS] : [] }),
  )
}

async function readText(file: string): Promise<Result<string>> {
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file)))
  } catch (error) {
    if (error instanceof TypeError) return configFault(file, 'the file is not UTF-8 text', 'save it as UTF-8')
    return configFault(
      file,
      `the file cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      'check its permissions',
    )
  }
}
