import { Copy, DockerfileParser, type Instruction, ModifiableInstruction, Run } from 'dockerfile-ast'

/** One instruction of a Dockerfile, taken apart but with its variables as written. */
export interface DockerInstruction {
  /** Upper case. */
  readonly keyword: string
  /** Counts from 1. */
  readonly line: number
  readonly flags: readonly { readonly name: string; readonly value: string }[]
  readonly words: readonly string[]
  /** The arguments as a shell would get them: without flags, lines joined. */
  readonly text: string
  /** The words were a JSON array: they are not split nor unquoted any more. */
  readonly json: boolean
  readonly heredoc: boolean
  /** For ONBUILD: what it holds back. */
  readonly trigger?: DockerInstruction
}

export interface ParsedDockerfile {
  readonly escape: string
  /** The frontend of `# syntax=`. */
  readonly syntax: { readonly image: string; readonly line: number } | undefined
  readonly instructions: readonly DockerInstruction[]
}

/** Parses a Dockerfile's text. */
export function parseDockerfile(text: string): ParsedDockerfile {
  // dockerfile-ast does not know that ADD may have a heredoc, and would read its body as instructions.
  const known = text.replace(/^\uFEFF/, '').replace(/^(\s*)ADD(\s[^\n]*<<-?["']?\w)/gim, '$1COPY$2')
  const file = DockerfileParser.parse(known)
  const escapeCharacter = file.getEscapeCharacter()
  const syntax = file.getDirectives().find(directive => directive.getName().toLowerCase() === 'syntax')
  return {
    escape: escapeCharacter,
    syntax:
      syntax === undefined
        ? undefined
        : { image: syntax.getValue() ?? '', line: syntax.getRange().start.line + 1 },
    instructions: file.getInstructions().map(instruction => takeApart(instruction, escapeCharacter)),
  }
}

function takeApart(instruction: Instruction, escapeCharacter: string): DockerInstruction {
  const keyword = instruction.getKeyword().toUpperCase()
  const line = instruction.getRange().start.line + 1
  const heredocs = instruction instanceof Copy || instruction instanceof Run ? instruction.getHeredocs() : []
  const firstBody = Math.min(
    ...heredocs.map(
      heredoc => heredoc.getContentRange()?.start.line ?? heredoc.getStartRange().start.line + 1,
    ),
  )
  const array = jsonWords(instruction.getRawArgumentsContent() ?? '', escapeCharacter)
  const words =
    array ??
    instruction
      .getArguments()
      .filter(argument => argument.getRange().start.line < firstBody)
      .map(argument => argument.getValue())
  const json = array !== undefined
  const flags =
    instruction instanceof ModifiableInstruction
      ? instruction
          .getFlags()
          .map(flag => ({ name: flag.getName().toLowerCase(), value: flag.getValue() ?? '' }))
      : []
  const text = joinedLines(instruction.getRawArgumentsContent() ?? '', escapeCharacter).trim()
  const base = { keyword, line, flags, words, text, json, heredoc: heredocs.length > 0 }
  if (keyword !== 'ONBUILD') return base
  const inner = DockerfileParser.parse(
    `# escape=${escapeCharacter}\n${instruction.getRawArgumentsContent() ?? ''}`,
  )
  const held = inner.getInstructions()[0]
  return held === undefined ? base : { ...base, trigger: { ...takeApart(held, escapeCharacter), line } }
}

/** Continued lines as one; comments between them are not part of it. */
const joinedLines = (text: string, escapeCharacter: string): string =>
  text
    .split('\n')
    .filter((line, index) => index === 0 || !line.trimStart().startsWith('#'))
    .map(line => (line.trimEnd().endsWith(escapeCharacter) ? line.trimEnd().slice(0, -1) : line))
    .join('')

/** The words of the JSON form; undefined where the arguments are not that, for Docker then takes them as plain words. */
function jsonWords(text: string, escapeCharacter: string): readonly string[] | undefined {
  if (!text.trimStart().startsWith('[')) return undefined
  const joined = joinedLines(text, escapeCharacter)
  try {
    const parsed: unknown = JSON.parse(joined)
    return Array.isArray(parsed) && parsed.every(word => typeof word === 'string') ? parsed : undefined
  } catch {
    return undefined
  }
}
