import type { DockerInstruction, ParsedDockerfile } from './dockerfile-instructions.js'

/** One FROM and what follows it. */
export interface Stage {
  readonly index: number
  readonly name: string | undefined
  readonly from: DockerInstruction
  readonly instructions: readonly DockerInstruction[]
}

/** The stages in their order, and the ARGs before the first. */
export function splitStages(file: ParsedDockerfile): {
  readonly globals: readonly DockerInstruction[]
  readonly stages: readonly Stage[]
} {
  const starts = file.instructions.flatMap((instruction, at) => (instruction.keyword === 'FROM' ? [at] : []))
  return {
    globals: file.instructions.slice(0, starts[0] ?? 0).filter(instruction => instruction.keyword === 'ARG'),
    stages: starts.flatMap((start, index) => {
      const from = file.instructions[start]
      if (from === undefined) return []
      const name = from.words[1]?.toLowerCase() === 'as' ? from.words[2] : undefined
      return [{ index, name, from, instructions: file.instructions.slice(start + 1, starts[index + 1]) }]
    }),
  }
}

/** The stage that is built: by name or number, else the last. */
export function findTarget(stages: readonly Stage[], target: string | undefined): Stage | undefined {
  return target === undefined || target === '' ? stages.at(-1) : findStage(stages, target, true)
}

/** The last stage of that name (names know no case), or by its number where numbers count. */
export function findStage(stages: readonly Stage[], name: string, byNumber = false): Stage | undefined {
  const named = stages.findLast(stage => stage.name?.toLowerCase() === name.toLowerCase())
  return named ?? (byNumber && /^[0-9]+$/.test(name) ? stages[Number(name)] : undefined)
}

/** What to say where `findTarget` finds none. */
export function noSuchTarget(
  stages: readonly Stage[],
  target: string | undefined,
): { readonly message: string; readonly hint?: string } {
  if (stages.length === 0) return { message: 'the Dockerfile has no FROM' }
  const names = stages.flatMap(stage => stage.name ?? [])
  return {
    message: `the Dockerfile has no stage "${target}"`,
    hint: names.length === 0 ? 'none of its stages has a name' : `its stages are: ${names.join(', ')}`,
  }
}
