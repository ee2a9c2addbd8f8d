import type { DockerInstruction, ParsedDockerfile } from './dockerfile-instructions.js'
import { expandWord, type Lookup } from './dockerfile-words.js'

/** What gives the variables of a Dockerfile their values from outside. */
export interface ScopeOptions {
  readonly buildArgs: Readonly<Record<string, string>>
  /** Arguments whose values come later: whatever depends on them is not known. */
  readonly deferredArgs?: readonly string[]
  /** `os/arch[/variant]`, for TARGETARCH and its kin. */
  readonly platform?: string | undefined
}

/** The variables of one stage as it goes on. */
interface Scope {
  readonly file: ParsedDockerfile
  readonly options: ScopeOptions
  /** ARGs before the first FROM. */
  readonly global: ReadonlyMap<string, string | null | undefined>
  readonly env: Map<string, string | undefined>
  readonly args: Map<string, string | null | undefined>
  readonly lookup: Lookup
}

/** Takes an ARG or ENV into the stage's scope. */
export function declare(instruction: DockerInstruction, scope: Scope): void {
  if (instruction.keyword === 'ENV') {
    const words = quotedWords(instruction.text, scope.file.escape)
    const old = words[0] !== undefined && !words[0].includes('=')
    const pairs = old ? [[words[0] ?? '', words.slice(1).join(' ')] as const] : words.map(splitPair)
    const values = pairs.map(
      ([name, value]) => [name, expandWord(value ?? '', scope.file.escape, scope.lookup).text] as const,
    )
    for (const [name, value] of values) scope.env.set(name, value)
  }
  if (instruction.keyword !== 'ARG') return
  for (const [name, fallback] of quotedWords(instruction.text, scope.file.escape).map(splitPair))
    scope.args.set(name, argValue(name, fallback, { ...scope, outer: scope.global }))
}

/** Words with their quotes and escapes; a blank within quotes, or escaped, is part of its word. */
function quotedWords(text: string, escapeCharacter: string): readonly string[] {
  const words: string[] = []
  let word = ''
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (quote === '' && /\s/.test(char)) {
      if (word !== '') words.push(word)
      word = ''
      continue
    }
    word += char
    if (char === escapeCharacter && quote !== "'") word += text[++at] ?? ''
    else if (char === quote) quote = ''
    else if (quote === '' && (char === '"' || char === "'")) quote = char
  }
  return word === '' ? words : [...words, word]
}

function argValue(
  name: string,
  fallback: string | undefined,
  scope: Pick<Scope, 'file' | 'options' | 'lookup'> & {
    readonly outer: ReadonlyMap<string, string | null | undefined>
  },
): string | null | undefined {
  const given = scope.options.buildArgs[name]
  if (given !== undefined) return given
  if (scope.options.deferredArgs?.includes(name) === true) return undefined
  if (fallback !== undefined) return expandWord(fallback, scope.file.escape, scope.lookup).text
  return scope.outer.has(name) ? scope.outer.get(name) : null
}

/** The ARGs before the first FROM, and those of the platform. */
export function globalScope(
  file: ParsedDockerfile,
  globals: readonly DockerInstruction[],
  options: ScopeOptions,
): ReadonlyMap<string, string | null | undefined> {
  const scope = new Map<string, string | null | undefined>(platformArgs(options.platform))
  const lookup: Lookup = name => (scope.has(name) ? scope.get(name) : null)
  for (const [name, fallback] of globals.flatMap(instruction => instruction.words.map(splitPair)))
    scope.set(name, argValue(name, fallback, { file, options, lookup, outer: scope }))
  return scope
}

function platformArgs(platform: string | undefined): readonly (readonly [string, string | undefined])[] {
  const [os, arch, variant] = platform?.split('/') ?? []
  return ['TARGET', 'BUILD'].flatMap(prefix => [
    [`${prefix}PLATFORM`, platform] as const,
    [`${prefix}OS`, os] as const,
    [`${prefix}ARCH`, arch] as const,
    [`${prefix}VARIANT`, platform === undefined ? undefined : (variant ?? '')] as const,
  ])
}

const splitPair = (word: string): readonly [string, string | undefined] => {
  const equals = word.indexOf('=')
  return equals === -1 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)]
}
