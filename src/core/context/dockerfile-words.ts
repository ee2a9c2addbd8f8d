/** What a name stands for at one point of a Dockerfile: its value, null where it is unset for certain, undefined where nobody can know here. */
export type Lookup = (name: string) => string | null | undefined

/** A word with its variables replaced; `undefined` where a value is not known, with the names that were missing. */
export interface Expanded {
  readonly text: string | undefined
  readonly unknown: readonly string[]
}

/**
 * Replaces the variables of one word and takes its quotes and escapes away, as BuildKit's `shell.Lex` does: `$x`, `${x}`, and with
 * `-`, `:-`, `+`, `:+`, `?`, `:?`. The pattern forms (`#`, `%`, `/`) count as not known, so that callers stay on the safe side.
 */
export function expandWord(word: string, escapeCharacter: string, lookup: Lookup): Expanded {
  const unknown: string[] = []
  let text = ''
  let quote = ''
  for (let i = 0; i < word.length; i++) {
    const char = word[i] ?? ''
    if (quote === "'" && char !== "'") text += char
    else if (char === quote) quote = ''
    else if (quote === '' && (char === '"' || char === "'")) quote = char
    else if (char === escapeCharacter) {
      const next = word[i + 1]
      if (next === undefined) continue
      if (quote === '"' && next !== '"' && next !== '$' && next !== escapeCharacter) text += char
      else {
        text += next
        i++
      }
    } else if (char === '$') {
      const found = variableAt(word, i)
      if (found === undefined) {
        text += char
        continue
      }
      i = found.end
      const value = substituted(found, escapeCharacter, lookup, unknown)
      if (value === undefined) unknown.push(found.name)
      else text += value
    } else text += char
  }
  return { text: unknown.length === 0 ? text : undefined, unknown }
}

interface Variable {
  readonly name: string
  readonly operator: string
  readonly word: string
  /** Index of its last character. */
  readonly end: number
}

function variableAt(text: string, start: number): Variable | undefined {
  const plain = /^\$([A-Za-z_][A-Za-z0-9_]*|[0-9]+)/.exec(text.slice(start))
  if (plain !== null)
    return { name: plain[1] ?? '', operator: '', word: '', end: start + plain[0].length - 1 }
  const braced = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(:?[-+?]|[#%/]|(?=\}))/.exec(text.slice(start))
  if (braced === null) return undefined
  let depth = 1
  let end = start + braced[0].length
  const wordStart = end
  for (; end < text.length; end++) {
    if (text.startsWith('${', end)) depth++
    if (text[end] === '}' && --depth === 0) break
  }
  return { name: braced[1] ?? '', operator: braced[2] ?? '', word: text.slice(wordStart, end), end }
}

function substituted(
  variable: Variable,
  escapeCharacter: string,
  lookup: Lookup,
  unknown: string[],
): string | undefined {
  const value = lookup(variable.name)
  if (value === undefined) return undefined
  const absent = value === null || (variable.operator.startsWith(':') && value === '')
  const word = (): string | undefined => {
    const expanded = expandWord(variable.word, escapeCharacter, lookup)
    unknown.push(...expanded.unknown)
    return expanded.text
  }
  switch (variable.operator) {
    case '':
      return value ?? ''
    case '-':
    case ':-':
      return absent ? word() : (value ?? '')
    case '+':
    case ':+':
      return absent ? '' : word()
    case '?':
    case ':?':
      return absent ? undefined : (value ?? '')
    default:
      return undefined
  }
}
