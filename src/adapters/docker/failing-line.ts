import { DockerfileParser } from 'dockerfile-ast'
import type { SourceRange } from '../../core/problem.js'

/** Where in the Dockerfile a build failed: the line that the error names, else the instruction that the builder's step is made of. */
export function failingRange({
  file,
  dockerfile,
  error,
  step,
}: {
  readonly file: string
  readonly dockerfile: string
  readonly error: string
  readonly step?: string
}): SourceRange | undefined {
  const lines = dockerfile.split(/\r?\n/)
  const named = Number(/parse error (?:on )?line (\d+)/i.exec(error)?.[1])
  if (named >= 1 && named <= lines.length) return range(file, named, named, lines)
  if (step === undefined) return undefined

  const instructions = DockerfileParser.parse(dockerfile).getInstructions()
  // "[build 2/4] RUN make" of BuildKit (the stage's name stands only where there are several), "RUN make" of the classic builder.
  const [, stage, text = step] = /^\[(?:(\S+) )?\d+\/\d+\] (.*)$/s.exec(step) ?? []
  let current = 'stage--1'
  let count = -1
  const candidates = instructions.flatMap(instruction => {
    const { start, end } = instruction.getRange()
    if (instruction.getKeyword() === 'FROM') {
      count++
      current = /\sAS\s+(\S+)\s*$/i.exec(instruction.getTextContent())?.[1]?.toLowerCase() ?? `stage-${count}`
    }
    if (stage !== undefined && stage.toLowerCase() !== current) return []
    return [{ text: flatten(instruction.getTextContent()), first: start.line + 1, last: end.line + 1 }]
  })
  const wanted = flatten(text)
  const found =
    candidates.find(candidate => candidate.text === wanted) ??
    // BuildKit's name has the variables replaced.
    candidates.find(candidate => candidate.text.includes('$') && pattern(candidate.text).test(wanted)) ??
    metadataFailure(candidates, wanted)
  return found === undefined ? undefined : range(file, found.first, found.last, lines)
}

/** "[internal] load metadata for docker.io/library/node:20" stands for the FROM or COPY --from with that image. */
function metadataFailure<T extends { readonly text: string }>(
  candidates: readonly T[],
  step: string,
): T | undefined {
  const image = /load metadata for (\S+)$/.exec(step)?.[1]
  if (image === undefined) return undefined
  const short = image.replace(/^docker\.io\/(library\/)?/, '').replace(/:latest$/, '')
  return candidates.find(({ text }) => /^(FROM|COPY|ADD) /i.test(text) && text.includes(short))
}

/** One line, as the builders show an instruction: continuations and runs of white space are one space, comments between are gone. */
const flatten = (text: string) =>
  text
    .replace(/^\s*#.*\n?/gm, '')
    .replace(/[\\`][ \t]*\r?\n/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()

const pattern = (text: string) =>
  new RegExp(
    `^${text
      .split(/\$(?:\{[^}]*\}|\w+)/)
      .map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    's',
  )

function range(file: string, first: number, last: number, lines: readonly string[]): SourceRange {
  return { file, line: first, column: 1, endLine: last, endColumn: (lines[last - 1]?.length ?? 0) + 1 }
}
