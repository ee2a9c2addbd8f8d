import { err, ok, type Result } from '../result.js'
import type { ContextSource } from './context-source.js'
import { type DockerInstruction, type ParsedDockerfile, parseDockerfile } from './dockerfile-instructions.js'
import { declare, globalScope, type ScopeOptions } from './dockerfile-scope.js'
import { findStage, findTarget, noSuchTarget, type Stage, splitStages } from './dockerfile-stages.js'
import { expandWord, type Lookup } from './dockerfile-words.js'
import { readsOf } from './instruction-reads.js'

/** What a build of one target reads. */
export interface DockerfileInputs {
  readonly sources: readonly ContextSource[]
  /** External images of the needed stages, in the order of the file, each once; `scratch` left out. */
  readonly baseImages: readonly string[]
  /** The external image that the target is built upon, through whatever stages; undefined where that is nothing, or known later. */
  readonly finalBase: string | undefined
  /** What in the file the classic builder does not know; the first of each kind. */
  readonly buildKitFeatures: readonly { readonly feature: string; readonly line: number }[]
}

export interface DockerfileError {
  readonly message: string
  /** From 1; absent where the file as a whole is wrong. */
  readonly line?: number
  readonly hint?: string
}

export interface AnalysisOptions extends ScopeOptions {
  readonly target?: string | undefined
  /** ONBUILD instructions of the base images, as somebody read them from the engine; they run first in the stages built upon a base. */
  readonly onBuild?: readonly string[]
}

/**
 * Says what a build reads: the stages that the target needs by FROM, COPY --from and mounts, and what they take from the context. Whatever
 * cannot be known from the file alone counts as reading everything, so that no save is ever missed.
 */
export function analyseDockerfile(
  text: string,
  options: AnalysisOptions,
): Result<DockerfileInputs, DockerfileError> {
  const file = parseDockerfile(text)
  const { globals, stages } = splitStages(file)
  const target = findTarget(stages, options.target)
  if (target === undefined) return err(noSuchTarget(stages, options.target))
  const global = globalScope(file, globals, options)
  const needed = new Map<number, StageReads>()
  const failure = visit(target, { file, stages, global, options, needed })
  if (failure !== undefined) return err(failure)
  const reads = [...needed.entries()].sort(([a], [b]) => a - b).map(([, read]) => read)
  return ok({
    sources: reads.flatMap(read => read.sources),
    baseImages: [...new Set(reads.flatMap(read => read.images))].filter(image => image !== 'scratch'),
    finalBase: needed.get(target.index)?.base,
    buildKitFeatures: buildKitFeatures(file),
  })
}

interface StageReads {
  readonly sources: readonly ContextSource[]
  readonly images: readonly string[]
  readonly base: string | undefined
  /** ARG and ENV values at the stage's end, which stages built upon it inherit (ENV only). */
  readonly env: ReadonlyMap<string, string | undefined>
  readonly onBuild: readonly DockerInstruction[]
}

interface Visit {
  readonly file: ParsedDockerfile
  readonly stages: readonly Stage[]
  readonly global: ReadonlyMap<string, string | null | undefined>
  readonly options: AnalysisOptions
  readonly needed: Map<number, StageReads>
}

function visit(stage: Stage, context: Visit): DockerfileError | undefined {
  if (context.needed.has(stage.index)) return undefined
  const { file, global, options } = context
  const base = expandWord(stage.from.words[0] ?? '', file.escape, name =>
    global.has(name) ? global.get(name) : null,
  )
  const deferred = base.unknown.some(name => options.deferredArgs?.includes(name) === true)
  if (base.text === '' || (base.text === undefined && !deferred))
    return {
      message: `FROM ${stage.from.words[0] ?? ''} names no image: ${base.unknown.join(', ') || 'an argument'} has no value`,
      line: stage.from.line,
      hint: 'give the ARG a default, or set it in buildArgs',
    }
  const images: string[] = []
  const parent =
    base.text === undefined ? undefined : findStage(context.stages.slice(0, stage.index), base.text)
  if (parent === undefined) images.push(...(base.text === undefined ? [] : [base.text]))
  else {
    const failure = visit(parent, context)
    if (failure !== undefined) return failure
  }
  const inherited = parent === undefined ? undefined : context.needed.get(parent.index)
  const env = new Map(inherited?.env ?? [])
  const args = new Map<string, string | null | undefined>()
  const lookup: Lookup = name => (env.has(name) ? env.get(name) : args.has(name) ? args.get(name) : undefined)
  const triggers = inherited?.onBuild ?? (parent === undefined ? baseTriggers(stage, options) : [])
  const sources: ContextSource[] = []
  const onBuild: DockerInstruction[] = []
  for (const instruction of [...triggers, ...stage.instructions]) {
    if (instruction.keyword === 'ONBUILD' && instruction.trigger !== undefined)
      onBuild.push(instruction.trigger)
    declare(instruction, { file, global, options, env, args, lookup })
    const reads = readsOf(instruction, { escapeCharacter: file.escape, lookup })
    sources.push(...reads.sources)
    for (const from of reads.from) {
      const other =
        from === undefined ? undefined : findStage(context.stages.slice(0, stage.index), from, true)
      if (other !== undefined) {
        const failure = visit(other, context)
        if (failure !== undefined) return failure
      } else if (from !== undefined) images.push(from)
    }
  }
  const from = parent === undefined ? base.text : inherited?.base
  context.needed.set(stage.index, {
    sources,
    images,
    base: from === 'scratch' ? undefined : from,
    env,
    onBuild,
  })
  return undefined
}

function baseTriggers(stage: Stage, options: AnalysisOptions): readonly DockerInstruction[] {
  return (options.onBuild ?? []).flatMap(text =>
    parseDockerfile(text).instructions.map(instruction => ({ ...instruction, line: stage.from.line })),
  )
}

function buildKitFeatures(file: ParsedDockerfile): DockerfileInputs['buildKitFeatures'] {
  const found = new Map<string, number>()
  const note = (feature: string, line: number): void => {
    if (!found.has(feature)) found.set(feature, line)
  }
  // The stable frontend is the one that every BuildKit has built in, and the classic builder reads the line as a comment.
  if (file.syntax !== undefined && !/^docker\/dockerfile(:1(\.\d+)*)?$/.test(file.syntax.image))
    note(`# syntax=${file.syntax.image}`, file.syntax.line)
  for (const instruction of file.instructions) {
    const { keyword, flags, heredoc, line } = instruction.trigger ?? instruction
    if (heredoc) note('a heredoc', line)
    for (const { name } of flags)
      if (/^(mount|network|security|chmod|link|parents|exclude|keep-git-dir|checksum|unpack)$/.test(name))
        note(`${keyword} --${name}`, line)
  }
  return [...found].map(([feature, line]) => ({ feature, line }))
}
