/** Characters that mean something in a JavaScript `u` expression and must be escaped to stand for themselves. */
const special = /[\\^$.*+?()[\]{}|/-]/u

/** One character of a Go pattern as JavaScript source that stands for it alone. */
export function literal(char: string): string {
  return char === '-' ? '\\x2d' : special.test(char) ? `\\${char}` : char
}

/**
 * Compiles a pattern of Go's `filepath.Match`, which COPY sources use: `*` and `?` never cross a slash, `[a-z]` and `[^a-z]` classes, `\` escapes.
 * Undefined for a malformed pattern. The whole pattern is checked, as Go has done since 1.16.
 */
export function compileGoMatch(pattern: string): RegExp | undefined {
  const chars = [...pattern]
  let source = '^'
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] ?? ''
    if (char === '*') source += '[^/]*'
    else if (char === '?') source += '[^/]'
    else if (char === '\\') {
      const next = chars[++i]
      if (next === undefined) return undefined
      source += literal(next)
    } else if (char === '[') {
      const parsed = characterClass(chars, i + 1)
      if (parsed === undefined) return undefined
      source += parsed.source
      i = parsed.end
    } else source += literal(char)
  }
  return new RegExp(`${source}$`, 'u')
}

/** Whether a COPY source is a pattern at all. */
export const hasWildcard = (pattern: string): boolean => /[*?[\\]/.test(pattern)

function characterClass(
  chars: readonly string[],
  start: number,
): { readonly source: string; readonly end: number } | undefined {
  let i = start
  const negated = chars[i] === '^'
  if (negated) i++
  let body = ''
  for (let ranges = 0; ; ranges++) {
    if (chars[i] === ']' && ranges > 0) break
    const low = classChar(chars, i)
    if (low === undefined) return undefined
    i = low.next
    let high = low
    if (chars[i] === '-') {
      const upper = classChar(chars, i + 1)
      if (upper === undefined) return undefined
      high = upper
      i = upper.next
    }
    // Go lets an empty range such as [z-a] pass and match nothing; JavaScript would not compile it.
    if ((low.char.codePointAt(0) ?? 0) <= (high.char.codePointAt(0) ?? 0))
      body += `${literal(low.char)}-${literal(high.char)}`
  }
  // A class never matches the separator in filepath.Match's chunks.
  const source = negated ? `(?!/)[^${body}]` : body === '' ? '(?!)' : `(?!/)[${body}]`
  return { source, end: i }
}

function classChar(
  chars: readonly string[],
  at: number,
): { readonly char: string; readonly next: number } | undefined {
  const char = chars[at]
  if (char === undefined || char === '-' || char === ']') return undefined
  if (char !== '\\') return { char, next: at + 1 }
  const escaped = chars[at + 1]
  return escaped === undefined ? undefined : { char: escaped, next: at + 2 }
}
