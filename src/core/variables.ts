/**
 * Variables of the config in raw manifests. Only declared names are replaced, as `$NAME` or `${NAME}`; every other `$` is left byte for byte:
 * `$(POD_IP)`, `$host`, `/$2`, and `$$`, which also shields what follows it (`$$NAME` stays).
 *
 * Values go in after the YAML is parsed, one scalar at a time, so that no value can break the document or add to its structure, whatever
 * quotes, colons or line ends it has. To parse text that still has variables in it (`{ replicas: ${N} }` is not YAML), each one is first
 * covered by a placeholder of the same length, which keeps every line and column. A plain scalar takes its type only when it is
 * filled: `replicas: $N` becomes a number, `port: "$N"` stays a string.
 */

const VARIABLE = /\$\$|\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})/g

/** Text of a file whose declared variables are covered by placeholders. */
export interface CoveredText {
  /** Of the same length as the original, with the same lines. */
  readonly text: string
  /** Puts the values into a part of the covered text. */
  readonly fill: (part: string) => string
  /** Puts the variables back as they were written, as far as the names go: for messages. */
  readonly restore: (part: string) => string
}

/** Names of the `$NAME` and `${NAME}` in a text, in their order. */
export function variableNames(text: string): readonly string[] {
  const names: string[] = []
  for (const match of text.matchAll(VARIABLE)) {
    const name = match[1] ?? match[2]
    if (name !== undefined) names.push(name)
  }
  return names
}

/** Covers the declared variables of a YAML text. */
export function coverVariables(text: string, variables: Readonly<Record<string, string>>): CoveredText {
  const same = (part: string): string => part
  if (!text.includes('$')) return { text, fill: same, restore: same }
  const names = Object.keys(variables)
  const index = new Map(names.map((name, at) => [name, at]))
  const [mark, pad] = unusedCharacters(text)
  let found = false
  const covered = text.replace(VARIABLE, (whole, bare?: string, braced?: string) => {
    const at = index.get(bare ?? braced ?? '')
    if (at === undefined) return whole
    found = true
    return `${mark}${String.fromCharCode(FIRST_INDEX + at)}${pad.repeat(whole.length - 2)}`
  })
  if (!found) return { text, fill: same, restore: same }
  const placeholder = new RegExp(`${mark}([^])${pad}*`, 'g')
  const replaced = (part: string, value: (name: string) => string): string =>
    part.includes(mark)
      ? part.replace(placeholder, (_, at: string) => value(names[at.charCodeAt(0) - FIRST_INDEX] ?? ''))
      : part
  return {
    text: covered,
    fill: part => replaced(part, name => variables[name] ?? ''),
    restore: part => replaced(part, name => `\${${name}}`),
  }
}

// CJK ideographs: YAML takes any run of them for a plain scalar, and none has another meaning to it.
const FIRST_INDEX = 0x4e00
const PRIVATE_USE = { first: 0xe000, last: 0xf8ff }

/** Two characters of Unicode's private use area that the text does not have. */
function unusedCharacters(text: string): readonly [string, string] {
  const unused: string[] = []
  for (let code = PRIVATE_USE.first; code <= PRIVATE_USE.last && unused.length < 2; code += 1) {
    const character = String.fromCharCode(code)
    if (!text.includes(character)) unused.push(character)
  }
  const [mark, pad] = unused
  if (mark === undefined || pad === undefined)
    throw new Error('the text uses every character of the private use area')
  return [mark, pad]
}
