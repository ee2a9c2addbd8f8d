import { isAbsolute, resolve } from 'node:path'
import type { SkippedRun } from '../../core/process/read-process-image.js'
import { isThere } from './node-packages.js'

export interface StartedProgram {
  readonly argv: readonly string[]
  readonly cwd: string
}

/** Programs whose first argument that is no option is a file to run. */
const INTERPRETERS = /(?:^|[/\\])(?:node|nodejs|bun|python[\d.]*|ruby|php|perl|java|dotnet)(?:\.exe)?$/

/**
 * A sentence where the file that a program would start with is not on this machine, and which RUN of its Dockerfile would make it; undefined where
 * all is there, or cannot be told.
 */
export async function missingProgram(
  { argv, cwd }: StartedProgram,
  runs: readonly SkippedRun[],
): Promise<string | undefined> {
  if (!(await isThere(cwd))) return `the working directory ${cwd} is not there${madeBy(runs)}`
  const file = fileOf(argv)
  if (file === undefined) return undefined
  const path = resolve(cwd, file)
  for (const ending of ['', '.js', '.mjs', '.cjs', '.json'])
    if (await isThere(path + ending)) return undefined
  return `${path} is not there${madeBy(runs)}`
}

function fileOf(argv: readonly string[]): string | undefined {
  const [program = '', ...rest] = argv
  if (!INTERPRETERS.test(program)) return isAbsolute(program) ? program : undefined
  if (/java(?:\.exe)?$/.test(program)) return rest[rest.indexOf('-jar') + 1 || rest.length]
  // Options may have values of their own, so only a first word that is none is certain.
  const [first] = rest
  return first === undefined || first.startsWith('-') || !/[./\\]/.test(first) ? undefined : first
}

function madeBy(runs: readonly SkippedRun[]): string {
  const last = runs.at(-1)
  if (last === undefined) return ''
  const text = last.text.length > 80 ? `${last.text.slice(0, 79)}…` : last.text
  return `; line ${last.line} of the Dockerfile (RUN ${text}) is not run here: run what makes it, or have devloop run it as hooks.beforeBuild of the service`
}
