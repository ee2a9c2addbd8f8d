import type { ContextFile } from '../build-input.js'
import type { DockerfileError } from '../context/dockerfile-analysis.js'
import {
  type DockerInstruction,
  type ParsedDockerfile,
  parseDockerfile,
} from '../context/dockerfile-instructions.js'
import { declare, globalScope, type ScopeOptions } from '../context/dockerfile-scope.js'
import { findStage, findTarget, noSuchTarget, type Stage, splitStages } from '../context/dockerfile-stages.js'
import { expandWord, type Lookup } from '../context/dockerfile-words.js'
import { repositoryOf } from '../image-ref.js'
import { err, ok, type Result } from '../result.js'
import { asBaseStarts, type BaseCommand, baseCommandOf } from './base-commands.js'
import { copiedPaths, folderOf, imagePath } from './copied-paths.js'
import { type PathPair, type ProcessImage, sortedPairs } from './process-image.js'
import { stopSignalOf } from './stop-signal.js'

export interface ProcessImageInputs extends ScopeOptions {
  readonly dockerfile: string
  readonly target?: string | undefined
  /** Absolute path of the build context. */
  readonly context: string
  /** What of the context the build sees. */
  readonly files: readonly ContextFile[]
  /** An image of another service, which this one may be built upon. */
  readonly imageOf?: (reference: string) => ProcessImage | undefined
}

/** A RUN of the stages that make the image: it is not run here. */
export interface SkippedRun {
  /** From 1. */
  readonly line: number
  readonly text: string
  /** Where it would run, on this machine; undefined where nothing of that folder is from here. */
  readonly folder: string | undefined
}

export interface ReadProcessImage {
  readonly image: ProcessImage
  /** In the order of the file. */
  readonly runs: readonly SkippedRun[]
  /** The external image at the bottom whose own command counts, where the Dockerfile names none; undefined with `scratch` or another service's image. */
  readonly base: string | undefined
}

/** Reads of a Dockerfile what running its target takes. Nothing is copied and no RUN is run. */
export function readProcessImage(inputs: ProcessImageInputs): Result<ReadProcessImage, DockerfileError> {
  const file = parseDockerfile(inputs.dockerfile)
  const { globals, stages } = splitStages(file)
  const target = findTarget(stages, inputs.target)
  if (target === undefined) return err(noSuchTarget(stages, inputs.target))
  const reading: Reading = {
    inputs,
    file,
    stages,
    global: globalScope(file, globals, inputs),
    done: new Map(),
  }
  const state = readStage(target, reading)
  const workingDir = state.workingDir
  const host = folderOf(workingDir, state.paths) ?? inputs.context
  return ok({
    image: {
      entrypoint: state.entrypoint,
      command: state.entrypoint.length === 0 ? asBaseStarts(state.command, state.base) : state.command,
      env: Object.fromEntries(state.env),
      workingDir,
      paths: sortedPairs([...state.paths, { image: workingDir, host }]),
      stopSignal: state.stopSignal,
      ports: [...new Set(state.ports)],
      standIn: false,
    },
    runs: [...reading.done.values()].flatMap(({ runs }) => runs).sort((a, b) => a.line - b.line),
    base: state.baseImage,
  })
}

interface Reading {
  readonly inputs: ProcessImageInputs
  readonly file: ParsedDockerfile
  readonly stages: readonly Stage[]
  readonly global: ReadonlyMap<string, string | null | undefined>
  readonly done: Map<number, StageState>
}

interface StageState {
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  readonly env: ReadonlyMap<string, string>
  readonly workingDir: string
  /** Newest first: a later COPY lies over an earlier one. */
  readonly paths: readonly PathPair[]
  readonly stopSignal: string
  readonly ports: readonly number[]
  readonly shell: readonly string[]
  readonly base: BaseCommand
  readonly baseImage: string | undefined
  readonly runs: readonly SkippedRun[]
  readonly onBuild: readonly DockerInstruction[]
}

function readStage(stage: Stage, reading: Reading): StageState {
  const known = reading.done.get(stage.index)
  if (known !== undefined) return known
  const start = startOf(stage, reading)
  const env = new Map<string, string | undefined>(start.env)
  const args = new Map<string, string | null | undefined>()
  // What a base image sets is not known here: its variables are empty, but for the search path, which is this machine's.
  const lookup: Lookup = name => env.get(name) ?? args.get(name) ?? (name === 'PATH' ? '$PATH' : null)
  const { file, inputs, global } = reading
  let state: StageState = { ...start, runs: [], onBuild: [] }
  for (const instruction of [...start.onBuild, ...stage.instructions]) {
    declare(instruction, { file, global, options: inputs, env, args, lookup })
    state = { ...state, ...changes(instruction, { state, inherited: start, lookup, stage, reading }) }
  }
  const values = [...env].map(([name, value]) => [name, value ?? ''] as const)
  const read = { ...state, env: new Map(values) }
  reading.done.set(stage.index, read)
  return read
}

const NOTHING: StageState = {
  entrypoint: [],
  command: [],
  env: new Map(),
  workingDir: '/',
  paths: [],
  stopSignal: 'SIGTERM',
  ports: [],
  shell: ['/bin/sh', '-c'],
  base: { entrypoint: [], command: [] },
  baseImage: undefined,
  runs: [],
  onBuild: [],
}

/** What the stage begins with: an earlier stage, the image of another service, or what is known of a base image. */
function startOf(stage: Stage, reading: Reading): StageState {
  const { file, stages, global, inputs } = reading
  const from = expandWord(stage.from.words[0] ?? '', file.escape, name => global.get(name) ?? null).text ?? ''
  const parent = findStage(stages.slice(0, stage.index), from)
  if (parent !== undefined) return readStage(parent, reading)
  const own = inputs.imageOf?.(from)
  if (own !== undefined)
    return { ...NOTHING, ...own, env: new Map(Object.entries(own.env)), baseImage: undefined }
  const base = baseCommandOf(repositoryOf(from))
  return {
    ...NOTHING,
    entrypoint: base.entrypoint,
    command: base.command,
    base,
    baseImage: from === 'scratch' ? undefined : from,
  }
}

interface At {
  readonly state: StageState
  /** What the stage began with. */
  readonly inherited: StageState
  readonly lookup: Lookup
  readonly stage: Stage
  readonly reading: Reading
}

/** What one instruction changes. */
function changes(instruction: DockerInstruction, at: At): Partial<StageState> {
  const { state, inherited, lookup, reading } = at
  const expand = (word: string): string => expandWord(word, reading.file.escape, lookup).text ?? ''
  const { words, json, text } = instruction
  // Words for a shell keep their variables: that expands them when it runs.
  const program = (): readonly string[] => (json ? words : text === '' ? [] : [...state.shell, text])
  switch (instruction.keyword) {
    case 'WORKDIR':
      return { workingDir: imagePath(expand(words.join(' ')), state.workingDir) }
    case 'ENTRYPOINT':
      // As Docker does: a new entrypoint has no use for the command of the base.
      return { entrypoint: program(), ...(state.command === inherited.command ? { command: [] } : {}) }
    case 'CMD':
      return { command: program() }
    case 'SHELL':
      return json ? { shell: words } : {}
    case 'STOPSIGNAL':
      return { stopSignal: stopSignalOf(expand(words[0] ?? '')) }
    case 'EXPOSE':
      return { ports: [...state.ports, ...words.flatMap(word => portsOf(expand(word)))] }
    case 'ONBUILD':
      return instruction.trigger === undefined ? {} : { onBuild: [...state.onBuild, instruction.trigger] }
    case 'RUN':
      return {
        runs: [
          ...state.runs,
          { line: instruction.line, text, folder: folderOf(state.workingDir, state.paths) },
        ],
      }
    case 'COPY':
    case 'ADD':
      return { paths: [...copied(instruction, expand, at), ...state.paths] }
    default:
      return {}
  }
}

function copied(
  { words, flags, keyword, heredoc }: DockerInstruction,
  expand: (word: string) => string,
  { state, stage, reading }: At,
): readonly PathPair[] {
  const target = words.at(-1)
  const sources = words
    .slice(0, -1)
    .filter(word => !word.startsWith('<<'))
    .map(expand)
    .filter(word => word !== '' && (keyword === 'COPY' || !/^(?:https?|git|ssh|ftp):\/\/|^git@/.test(word)))
  if (target === undefined || (heredoc && sources.length === 0)) return []
  const copy = { sources, target: expand(target), workingDir: state.workingDir }
  const from = flags.find(flag => flag.name === 'from')
  if (from === undefined) return copiedPaths(copy, reading.inputs)
  const name = expand(from.value)
  const other = findStage(reading.stages.slice(0, stage.index), name, true)
  const pairs =
    other === undefined ? reading.inputs.imageOf?.(name)?.paths : withFolders(readStage(other, reading))
  return pairs === undefined ? [] : copiedPaths({ ...copy, from: pairs }, reading.inputs)
}

/** The paths of a stage with its working directory, which the next stage may take what a tool left there from. */
function withFolders({ paths, workingDir }: StageState): readonly PathPair[] {
  const host = workingDir === '/' ? undefined : folderOf(workingDir, paths)
  return sortedPairs(host === undefined ? paths : [...paths, { image: workingDir, host }])
}

/** `8080`, `8080/tcp`, `7000-7002`. */
function portsOf(word: string): readonly number[] {
  const found = /^(\d+)(?:-(\d+))?(?:\/tcp)?$/i.exec(word)
  if (found === null) return []
  const first = Number(found[1])
  const last = Math.min(Number(found[2] ?? first), first + 100)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index).filter(
    port => port >= 1 && port <= 65_535,
  )
}
