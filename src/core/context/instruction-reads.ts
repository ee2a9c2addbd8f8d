import { type ContextSource, contextSource, everything } from './context-source.js'
import type { DockerInstruction } from './dockerfile-instructions.js'
import { expandWord, type Lookup } from './dockerfile-words.js'

/** What one instruction reads: from the context, and from other stages or images (undefined where that is not known). */
export interface InstructionReads {
  readonly sources: readonly ContextSource[]
  readonly from: readonly (string | undefined)[]
}

interface Words {
  readonly escapeCharacter: string
  readonly lookup: Lookup
}

const nothing: InstructionReads = { sources: [], from: [] }

/** Takes COPY, ADD and the mounts of RUN; every other instruction reads nothing. */
export function readsOf(instruction: DockerInstruction, words: Words): InstructionReads {
  switch (instruction.keyword) {
    case 'COPY':
    case 'ADD':
      return copyReads(instruction, words)
    case 'RUN':
      return mountReads(instruction, words)
    default:
      return nothing
  }
}

function copyReads(instruction: DockerInstruction, { escapeCharacter, lookup }: Words): InstructionReads {
  const { keyword, line, flags, json } = instruction
  const from = flags.find(flag => flag.name === 'from')
  if (keyword === 'COPY' && from !== undefined)
    return { sources: [], from: [expandWord(from.value, escapeCharacter, lookup).text] }
  const named = `${keyword} ${instruction.words.join(' ')}`
  const excludes = flags
    .filter(flag => flag.name === 'exclude')
    .map(flag => expandWord(flag.value, escapeCharacter, lookup).text)
  // A backslash in a JSON array is a character of the path, not an escape.
  const paths = instruction.words
    .slice(0, -1)
    .filter(word => !word.startsWith('<<'))
    .map(
      word =>
        expandWord(
          json ? word.replaceAll(escapeCharacter, escapeCharacter + escapeCharacter) : word,
          escapeCharacter,
          lookup,
        ).text,
    )
  const sources = paths
    .filter(path => path === undefined || keyword !== 'ADD' || !isRemote(path))
    .map(path =>
      path === undefined
        ? everything(line, named)
        : contextSource({
            path,
            line,
            instruction: named,
            // One exclusion that is not known leaves nothing out.
            excludes: excludes.flatMap(exclude => (excludes.includes(undefined) ? [] : (exclude ?? []))),
            parents: flags.some(flag => flag.name === 'parents' && flag.value !== 'false'),
          }),
    )
  return { sources, from: [] }
}

/** What ADD fetches itself. */
const isRemote = (source: string): boolean => /^(https?|git|ssh|ftp):\/\/|^git@/.test(source)

function mountReads(instruction: DockerInstruction, { escapeCharacter, lookup }: Words): InstructionReads {
  const sources: ContextSource[] = []
  const from: (string | undefined)[] = []
  for (const flag of instruction.flags.filter(one => one.name === 'mount')) {
    const text = expandWord(flag.value, escapeCharacter, lookup).text
    if (text === undefined) {
      sources.push(everything(instruction.line, 'RUN --mount'))
      continue
    }
    const fields = new Map(
      text.split(',').map(field => {
        const equals = field.indexOf('=')
        return equals === -1
          ? [field.toLowerCase(), '']
          : [field.slice(0, equals).toLowerCase(), field.slice(equals + 1)]
      }),
    )
    const type = fields.get('type') ?? 'bind'
    const other = fields.get('from')
    if (other !== undefined && (type === 'bind' || type === 'cache')) from.push(other)
    else if (type === 'bind')
      sources.push(
        contextSource({
          path: fields.get('source') ?? fields.get('src') ?? '.',
          line: instruction.line,
          instruction: `RUN --mount=${text}`,
          excludes: [],
          parents: false,
        }),
      )
  }
  return { sources, from }
}
